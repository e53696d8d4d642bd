/** `tidemark events follow`: what happens from now on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { apiCommand, clientOf, ending } from '../api-command.ts';
import { EXIT } from '../exit.ts';
import { type FilterOptions, withFilter } from '../filter.ts';
import { Following } from '../following.ts';
import { columns, interruption, note, print, printJsonLine } from '../terminal.ts';
import { eventLine } from '../views/event-text.ts';
import { lasting } from '../watch.ts';

const PAUSE_MS = 1_000;
/** A look through many deliveries takes its time: whoever answers it has other work. */
const REST = 4;

export function addFollow(events: Command): void {
  const command = apiCommand(
    events,
    'follow',
    'show each change of a delivery from now on, until Ctrl-C',
    'npx tidemark events follow --key reports/',
  );
  withFilter(command).action(
    ending(async (options: FilterOptions) => {
      const client = await clientOf(options);
      const stop = interruption();
      const following = new Following(lasting(client, options.json), { status: options.status, keyLike: options.key });
      let isFirst = true;
      let tookMs = 0;
      do {
        const begunAt = performance.now();
        try {
          for await (const event of following.look()) {
            if (options.json) printJsonLine(event);
            else print(eventLine(event, columns()));
          }
        } catch (error) {
          if (stop.aborted) break;
          throw error;
        }
        tookMs = performance.now() - begunAt;
        if (isFirst) note(`Following ${client.where}; Ctrl-C ends it and nothing else.`);
        isFirst = false;
      } while (await paused(Math.max(PAUSE_MS, REST * tookMs), stop));
      return EXIT.ok;
    }),
  );
}

/** @returns false when it was ended meanwhile */
async function paused(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
