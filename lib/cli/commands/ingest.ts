/** `tidemark ingest`: tells of changes, as an application does. */
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, clientOf, ending } from '../api-command.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { endsOf, type RouteOptions, withRoute } from '../route-of.ts';
import { note, printJson } from '../terminal.ts';
import { count } from '../text/units.ts';
import { visible } from '../text/visible.ts';

interface Ingested {
  readonly accepted: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly results: readonly { readonly id: string | null; readonly status: string; readonly reason?: string }[];
}

/** As many as the API takes at once. */
const BATCH = 1_000;

export function addIngest(program: Command): void {
  const command = apiCommand(program, 'ingest', 'tell of changed objects, so that they are looked at', 'npx tidemark ingest demo/hello.txt')
    .argument('<keys...>', 'keys; - reads them from standard input, one a line')
    .option('--delete', 'they were deleted');
  withRoute(command).action(
    ending(async (keys: readonly string[], options: ApiOptions & RouteOptions & { readonly delete?: boolean }): Promise<ExitCode> => {
      const client = await clientOf(options);
      const { srcRegion, dstRegion } = await endsOf(client, options);
      const op = options.delete ? 'DELETE' : 'PUT';
      let rejected = 0;
      for await (const batch of batches(keys)) {
        const events = batch.map((key) => ({ op, key, srcRegion, dstRegion, ts: Date.now() }));
        const answer = await client.post<Ingested>('/events/ingest', { events });
        rejected += answer.rejected;
        if (options.json) printJson(answer);
        else tell(answer, batch);
      }
      return rejected > 0 ? EXIT.failed : EXIT.ok;
    }),
  );
}

function tell({ accepted, duplicate, rejected, results }: Ingested, keys: readonly string[]): void {
  note(`Accepted ${count(accepted)}, known already ${count(duplicate)}, rejected ${count(rejected)}.`);
  for (const [index, { status, reason }] of results.entries()) {
    if (status === 'rejected') note(`  ${visible(keys[index] ?? '')}: ${visible(reason ?? '')}`);
  }
}

async function* batches(keys: readonly string[]): AsyncGenerator<readonly string[]> {
  let batch: string[] = [];
  for await (const key of keys.length === 1 && keys[0] === '-' ? fromStdin() : keys) {
    batch.push(key);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* fromStdin(): AsyncGenerator<string> {
  if (process.stdin.isTTY)
    throw new CliError('- reads keys from standard input: pipe some in, as `cat keys.txt | npx tidemark ingest -`.', EXIT.usage);
  for await (const line of createInterface({ input: process.stdin })) if (line !== '') yield line;
}
