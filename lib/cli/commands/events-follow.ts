/** `tidemark events follow`: what happens from now on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { apiCommand, clientOf, ending } from '../api-command.ts';
import type { EventView } from '../api-types.ts';
import type { ApiClient } from '../client.ts';
import { CliError, EXIT } from '../exit.ts';
import { type FilterOptions, withFilter } from '../filter.ts';
import { columns, interruption, note, print, printJsonLine } from '../terminal.ts';
import { count } from '../text/units.ts';
import { eventLine } from '../views/event-text.ts';

const PAUSE_MS = 1_000;
const PAGE = 1_000;
/** Each look reads all of them. */
const MOST = 20_000;

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
      let known = await snapshot(client, options);
      note(`Following ${client.where}; Ctrl-C ends it and nothing else.`);
      while (await paused(stop)) {
        const now = await snapshot(client, options);
        for (const [id, event] of now) {
          const former = known.get(id);
          if (former?.updatedAt === event.updatedAt && former.status === event.status) continue;
          if (options.json) printJsonLine(event);
          else print(eventLine(event, columns()));
        }
        known = now;
      }
      return EXIT.ok;
    }),
  );
}

async function snapshot(client: ApiClient, { status, key }: FilterOptions): Promise<ReadonlyMap<string, EventView>> {
  const found = new Map<string, EventView>();
  for await (const event of client.all<EventView>('/events', 'events', { status, keyLike: key, limit: PAGE })) {
    found.set(event.id, event);
    if (found.size > MOST) throw new CliError(`More than ${count(MOST)} deliveries match: narrow it with --key or --status.`, EXIT.usage);
  }
  return found;
}

/** @returns false when it was ended meanwhile */
async function paused(signal: AbortSignal): Promise<boolean> {
  await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
