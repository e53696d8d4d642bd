/** `tidemark conflicts …`: where both sides of a bidirectional route changed, and what lost. */
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, clientOf, ending, wholeNumber } from '../api-command.ts';
import type { ConflictSide, ConflictView } from '../api-types.ts';
import { segment } from '../client.ts';
import { type RouteOptions, withRoute } from '../route-of.ts';
import { columns, note, print, printJson } from '../terminal.ts';
import { table } from '../text/table.ts';
import { time } from '../text/units.ts';

interface ListOptions extends ApiOptions, RouteOptions {
  readonly key?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export function addConflicts(program: Command): void {
  const conflicts = program.command('conflicts').description('keys that both sides of a bidirectional route changed, and what lost');
  const list = apiCommand(conflicts, 'list', 'those that nobody dealt with yet', 'npx tidemark conflicts list --key reports/')
    .option('--key <pattern>', 'a prefix, or a pattern with %')
    .option('--limit <n>', 'at most', wholeNumber(1, 1000), 50)
    .option('--cursor <cursor>', 'go on where a former answer ended');
  withRoute(list).action(
    ending(async ({ key: keyLike, limit, cursor, route, ...options }: ListOptions) => {
      const client = await clientOf(options);
      const query = { route, keyLike, limit, cursor };
      const page = await client.get<{ readonly conflicts: readonly ConflictView[]; readonly cursor?: string }>('/conflicts', query);
      if (options.json) return printJson(page);
      if (page.conflicts.length === 0) return note('There are no conflicts.');
      print(conflictTable(page.conflicts, columns()));
      return page.cursor === undefined ? undefined : note(`There are more: --cursor ${page.cursor}`);
    }),
  );
  apiCommand(conflicts, 'dismiss', 'take one off the list: what won is right', 'npx tidemark conflicts dismiss ID')
    .argument('<id>', 'of the conflict')
    .action(
      ending(async (id: string, options: ApiOptions) => {
        const answer = await (await clientOf(options)).post(`/conflicts/${segment(id)}/dismiss`);
        return options.json ? printJson(answer) : note('Dismissed: what won stays.');
      }),
    );
  apiCommand(
    conflicts,
    'restore',
    'write what lost as the newest version, from where it is replicated like any change',
    'npx tidemark conflicts restore ID',
  )
    .argument('<id>', 'of the conflict')
    .action(
      ending(async (id: string, options: ApiOptions) => {
        const answer = await (await clientOf(options)).post(`/conflicts/${segment(id)}/restore`);
        return options.json ? printJson(answer) : note('Restored: what had lost is the newest version again, and replicated as such.');
      }),
    );
}

function conflictTable(conflicts: readonly ConflictView[], width: number): string {
  const titles = [
    { title: 'AT' },
    { title: 'KEY', cut: 'middle' as const },
    { title: 'WON' },
    { title: 'LOST' },
    { title: 'RESTORABLE' },
    { title: 'ID' },
  ];
  const rows = conflicts.map(({ id, key, at, winner, loser, restorable }) => [
    time(at),
    key,
    shown(winner),
    shown(loser),
    restorable ? 'yes' : 'no',
    id,
  ]);
  return table(titles, rows, width);
}

function shown({ region, op }: ConflictSide): string {
  return `${op} at ${region}`;
}
