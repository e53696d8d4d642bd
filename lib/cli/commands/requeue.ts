/** `tidemark requeue`: failures are tried again. */
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, clientOf, ending } from '../api-command.ts';
import type { ApiClient } from '../client.ts';
import { deliveriesOf } from '../deliveries.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { note, printJson } from '../terminal.ts';
import { some } from '../text/units.ts';

interface Requeued {
  readonly requeued: number;
  readonly notFound?: readonly string[];
  readonly partial?: boolean;
}

export function addRequeue(program: Command): void {
  apiCommand(program, 'requeue', 'try failures again, once their cause is mended', 'npx tidemark requeue demo/hello.txt')
    .argument('[ids...]', 'ids of events, or keys')
    .option('--all', 'all errors, and what lies in the dead-letter queue')
    .action(
      ending(async (ids: readonly string[], options: ApiOptions & { readonly all?: boolean }): Promise<ExitCode> => {
        if (ids.length > 0 === (options.all === true)) throw new CliError('Name events or keys, or give --all.', EXIT.usage);
        const client = await clientOf(options);
        const answer = options.all ? await requeueAll(client) : await client.post<Requeued>('/events/requeue', { ids: await errorsOf(client, ids) });
        if (options.json) printJson(answer);
        else note(`${some(answer.requeued, 'failure')} will be tried again.`);
        if (answer.notFound) {
          throw new CliError(`${some(answer.notFound.length, 'event')} had not failed: ${answer.notFound.join(' ')}. What did: tidemark failed`);
        }
        return EXIT.ok;
      }),
    );
}

/** The API answers in time with a part: it is asked until there is no more. */
async function requeueAll(client: ApiClient): Promise<Requeued> {
  let requeued = 0;
  for (;;) {
    const answer = await client.post<Requeued>('/events/requeue', { allErrors: true });
    requeued += answer.requeued;
    if (!answer.partial || answer.requeued === 0) return { ...answer, requeued };
  }
}

async function errorsOf(client: ApiClient, named: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const each of named) {
    const failed = (await deliveriesOf(client, each, 'error')).map(({ id }) => id);
    ids.push(...(failed.length > 0 ? failed : [each]));
  }
  return ids;
}
