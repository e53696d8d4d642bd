/** `tidemark failed`: what failed, by cause, and what to do about each. */
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, clientOf, ending } from '../api-command.ts';
import { type Cause, causesOf, UNKNOWN } from '../causes.ts';
import { columns, note, print, printJson, toned } from '../terminal.ts';
import { ago, count, some } from '../text/units.ts';
import { cutMiddle, visible } from '../text/visible.ts';

/** So many are a picture of any outage; the rest waits for the next look. */
const MOST = 10_000;

export function addFailed(program: Command): void {
  apiCommand(program, 'failed', 'what failed, grouped by cause, and what to do about each', 'npx tidemark failed').action(
    ending(async (options: ApiOptions) => {
      const { causes, partial } = await causesOf(await clientOf(options), MOST);
      if (options.json) return printJson({ causes, partial });
      if (causes.length === 0) return note('Nothing failed.');
      print(causes.map((cause) => causeText(cause, columns(), Date.now())).join('\n'));
      if (partial) note(`These are the first ${count(MOST)}; there are more.`);
      return note('Once a cause is mended: tidemark requeue --all, or tidemark requeue KEY. One in full: tidemark events show KEY.');
    }),
  );
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
