/** `tidemark put`: an object of any size, from a file or a pipe, through the gateway. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { contentTypeOf } from '../../adapters/filesystem/content-type.ts';
import { type ApiOptions, apiCommand, ending } from '../api-command.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { gatewayOf } from '../objects/gateway.ts';
import { drawn } from '../objects/meter.ts';
import { putObject } from '../objects/put.ts';
import { openSource } from '../objects/source.ts';
import { unlessInterrupted } from '../objects/unless-interrupted.ts';
import { interruption, note, printJson } from '../terminal.ts';
import { bytes } from '../text/units.ts';
import { visible } from '../text/visible.ts';

interface PutOptions extends ApiOptions {
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly ifNoneMatch?: '*';
}

export function addPut(program: Command): void {
  apiCommand(program, 'put', 'write an object through the gateway, whole or not at all', 'npx tidemark put docs/readme.md README.md')
    .argument('<key>', 'of the object')
    .argument('<file>', 'whose bytes it gets; - reads them from standard input')
    .option('--content-type <type>', "of the object; otherwise the one that the file's name suggests")
    .option('--metadata <name=value>', 'kept with the object (x-amz-meta-*); can be repeated', metadataPair)
    .addOption(new Option('--if-none-match <*>', "'*' writes only what is not there").choices(['*']))
    .action(ending(put));
}

async function put(key: string, file: string, { contentType, metadata = {}, ifNoneMatch, ...options }: PutOptions): Promise<ExitCode> {
  const gateway = await gatewayOf(options);
  const signal = interruption();
  return unlessInterrupted(signal, 'Nothing was written, unless it was just being finished.', async () => {
    await using source = await openSource(file, signal, drawn);
    const wish = { key, source, contentType: contentType ?? contentTypeOf(file), metadata, ifNoneMatch };
    const stored = await putObject(gateway, wish, { signal, told: drawn, quiet: options.json ?? false });
    if (options.json) printJson(stored);
    else {
      const way = stored.signed ? ', by a signed address' : '';
      note(`${visible(key)}: ${bytes(stored.size)} stored at ${visible(stored.region)}${way}; sha256 ${stored.sha256}`);
    }
    return EXIT.ok;
  });
}

/** As S3 takes it in a header. */
function metadataPair(text: string, former: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name, value] = /^([\w.!#$%&'*+^`|~-]+)=([\x20-\x7e]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Give it as name=value, in printable ASCII.');
  return { ...former, [name.toLowerCase()]: value.trim() };
}
