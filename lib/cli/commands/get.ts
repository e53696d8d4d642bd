/** `tidemark get`: an object of any size, into a file or a pipe, through the gateway. */
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, ending } from '../api-command.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { openDestination } from '../objects/destination.ts';
import { gatewayOf } from '../objects/gateway.ts';
import { type Got, getObject } from '../objects/get.ts';
import { drawn } from '../objects/meter.ts';
import { unlessInterrupted } from '../objects/unless-interrupted.ts';
import { interruption, note, printJson } from '../terminal.ts';
import { bytes } from '../text/units.ts';
import { visible } from '../text/visible.ts';

export function addGet(program: Command): void {
  apiCommand(program, 'get', 'read an object through the gateway; a file gets its name once it is whole', 'npx tidemark get docs/readme.md out.md')
    .argument('<key>', 'of the object')
    .argument('[file]', 'to write, or its folder; - writes to standard output; default: the last part of the key, in this folder')
    .action(ending(get));
}

async function get(key: string, file: string | undefined, options: ApiOptions): Promise<ExitCode> {
  if (options.json && file === '-') throw new CliError('--json: standard output carries the object. Name a file.', EXIT.usage);
  const gateway = await gatewayOf(options);
  const signal = interruption();
  const destination = await openDestination(file ?? '.', key);
  return unlessInterrupted(signal, destination.path === null ? 'What was written is a part of it.' : 'Nothing was written.', async () => {
    let got: Got;
    try {
      got = await getObject(gateway, key, destination.sink, { signal, told: drawn, quiet: options.json ?? false });
    } catch (error) {
      await destination.discard();
      throw error;
    }
    await destination.keep();
    if (options.json) printJson({ ...got, file: destination.path });
    else note(gotText(got, destination.path));
    return EXIT.ok;
  });
}

function gotText({ key, size, region, fromActive, checked }: Got, path: string | null): string {
  const whence = region === null ? 'by a signed address' : `from ${visible(region)}${fromActive ? '' : ', which is not written and may be behind'}`;
  const held = checked === null ? 'nothing but its length to check' : `${checked} checked`;
  return `${visible(key)}: ${bytes(size)} ${path === null ? '' : `in ${visible(path)}, `}${whence}; ${held}`;
}
