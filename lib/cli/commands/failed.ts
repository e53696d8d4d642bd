/** `tidemark failed`: what failed, by cause, and what to do about each. */
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, clientOf, ending } from '../api-command.ts';
import type { Metrics } from '../api-types.ts';
import { type Cause, causesOf, UNKNOWN } from '../causes.ts';
import type { ApiClient } from '../client.ts';
import { columns, note, print, printJson, toned } from '../terminal.ts';
import { ago, count, some } from '../text/units.ts';
import { cutMiddle, visible } from '../text/visible.ts';

/** So many are a picture of any outage; the rest waits for the next look. */
const MOST = 10_000;

export function addFailed(program: Command): void {
  apiCommand(program, 'failed', 'what failed, grouped by cause, and what to do about each', 'npx tidemark failed').action(
    ending(async (options: ApiOptions) => {
      const client = await clientOf(options);
      const { causes, partial } = await causesOf(client, MOST);
      if (options.json) return printJson({ causes, partial });
      if (causes.length === 0) return note(await nothing(client));
      print(causes.map((cause) => causeText(cause, columns(), Date.now())).join('\n'));
      if (partial) note(`These are the first ${count(MOST)}; there are more.`);
      return note('Once a cause is mended: tidemark requeue --all, or tidemark requeue KEY. One in full: tidemark events show KEY.');
    }),
  );
}

/** A newer change of a key, or a requeue of it alone, ends its error and leaves its dead letter. */
async function nothing(client: ApiClient): Promise<string> {
  const { dead } = (await client.get<Metrics>('/metrics')).queue;
  if (dead === 0) return 'Nothing failed.';
  return `Nothing fails any more, but ${some(dead, 'dead letter')} of it ${dead === 1 ? 'is' : 'are'} left. Clear the queue of them: tidemark requeue --all`;
}

function causeText({ code, count: times, message, fix, keys, since, until }: Cause, width: number, now: number): string {
  const when = since === until ? ago(until, now) : `first ${ago(since, now)}, last ${ago(until, now)}`;
  return [
    `${toned('bad', code)}  ${some(times, 'delivery', 'deliveries')}, ${when}`,
    `  ${visible(message)}`,
    ...keys.map((key) => `  · ${cutMiddle(visible(key), width - 4)}`),
    ...(times > keys.length ? [`  … and ${count(times - keys.length)} more`] : []),
    `  ${toned('title', 'To do:')} ${fix}${code === UNKNOWN ? '' : ` More: docs/runbook.md#${code.toLowerCase()}`}`,
    '',
  ].join('\n');
}
