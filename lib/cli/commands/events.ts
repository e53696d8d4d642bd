/** `tidemark events …`: what was accepted, and what became of it. */
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, clientOf, ending, wholeNumber } from '../api-command.ts';
import type { EventPage, EventView } from '../api-types.ts';
import { ApiError, segment } from '../client.ts';
import { deliveriesOf } from '../deliveries.ts';
import { CliError } from '../exit.ts';
import { type FilterOptions, withFilter } from '../filter.ts';
import { columns, note, print, printJson } from '../terminal.ts';
import { eventTable, eventText } from '../views/event-text.ts';
import { addFollow } from './events-follow.ts';

interface ListOptions extends FilterOptions {
  readonly limit: number;
  readonly cursor?: string;
}

export function addEvents(program: Command): void {
  const events = program.command('events').description('what was accepted, and what became of it');
  const list = apiCommand(events, 'list', 'deliveries, ordered by route and key', 'npx tidemark events list --status error --key reports/');
  withFilter(list)
    .option('--limit <n>', 'at most', wholeNumber(1, 1000), 50)
    .option('--cursor <cursor>', 'go on where a former answer ended')
    .action(
      ending(async ({ status, key: keyLike, limit, cursor, ...options }: ListOptions) => {
        const page = await (await clientOf(options)).get<EventPage>('/events', { status, keyLike, limit, cursor });
        if (options.json) return printJson(page);
        if (page.events.length === 0) return note('There are none.');
        print(eventTable(page.events, columns(), Date.now()));
        return page.cursor === undefined ? undefined : note(`There are more: --cursor ${page.cursor}`);
      }),
    );
  apiCommand(events, 'show', 'one delivery in full, or all of a key', 'npx tidemark events show demo/hello.txt')
    .argument('<id>', 'of the event, or a key')
    .action(
      ending(async (named: string, options: ApiOptions) => {
        const found = await find(options, named);
        if (options.json) for (const event of found) printJson(event);
        else print(found.map((event) => eventText(event, Date.now())).join('\n'));
      }),
    );
  addFollow(events);
}

async function find(options: ApiOptions, named: string): Promise<readonly EventView[]> {
  const client = await clientOf(options);
  try {
    return [await client.get<EventView>(`/events/${segment(named)}`)];
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
  const found = await deliveriesOf(client, named);
  if (found.length > 0) return found;
  throw new CliError(`There is no event and no key ${JSON.stringify(named)}. Those that ended long ago are dropped: see tidemark events list.`);
}
