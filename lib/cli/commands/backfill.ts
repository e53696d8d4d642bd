/** `tidemark backfill …`: copies what was there before. */
import { type Command, Option } from 'commander';
import type { Estimate } from '../../core/backfill/estimate.ts';
import { BACKFILL_MODES } from '../../core/backfill/mode.ts';
import { type ApiOptions, apiCommand, clientOf, ending, wholeNumber } from '../api-command.ts';
import type { BackfillView } from '../api-types.ts';
import { segment } from '../client.ts';
import type { ExitCode } from '../exit.ts';
import { endsOf, type RouteOptions, withRoute } from '../route-of.ts';
import { columns, interruption, note, print, printJson } from '../terminal.ts';
import { backfillTable, estimateText } from '../views/backfill-text.ts';
import { waitsLines, waitsText } from '../views/waits-text.ts';
import { watchBackfill } from './backfill-watch.ts';

/** Of a dry run the estimate alone. */
interface Started extends Partial<Pick<BackfillView, 'id' | 'route' | 'paused'>> {
  readonly estimate: Estimate;
}

interface StartOptions extends ApiOptions, RouteOptions {
  readonly prefix?: string;
  readonly mode: string;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
}

export function addBackfill(program: Command): void {
  const backfill = program.command('backfill').description('copy what was there before, a whole bucket or what begins with a prefix');
  addStart(backfill);
  apiCommand(backfill, 'list', 'the newest first', 'npx tidemark backfill list')
    .option('--limit <n>', 'at most', wholeNumber(1, 100), 20)
    .option('--cursor <cursor>', 'go on where a former answer ended')
    .action(
      ending(async ({ limit, cursor, ...options }: ApiOptions & { readonly limit: number; readonly cursor?: string }) => {
        const client = await clientOf(options);
        const page = await client.get<{ readonly backfills: readonly BackfillView[]; readonly cursor?: string }>('/backfill', { limit, cursor });
        if (options.json) return printJson(page);
        if (page.backfills.length === 0) return note('There was none yet: tidemark backfill start');
        print(backfillTable(page.backfills, columns(), Date.now()));
        for (const line of waitsLines(page.backfills)) note(line);
        return page.cursor === undefined ? undefined : note(`There are more: --cursor ${page.cursor}`);
      }),
    );
  apiCommand(backfill, 'watch', 'show how far one is, until all that it queued is copied', 'npx tidemark backfill watch ID')
    .argument('<id>', 'of the backfill')
    .action(ending(async (id: string, options: ApiOptions) => watchBackfill(await clientOf(options), id, options)));
  for (const [name, summary, told] of [
    ['cancel', 'queue nothing more; what is queued is still copied', 'Cancelled: nothing more is queued, and what was is still copied.'],
    ['resume', 'go on with one that failed, where it stopped', 'It goes on where it stopped.'],
  ] as const) {
    apiCommand(backfill, name, summary, `npx tidemark backfill ${name} ID`)
      .argument('<id>', 'of the backfill')
      .action(
        ending(async (id: string, options: ApiOptions) => {
          const answer = await (await clientOf(options)).post(`/backfill/${segment(id)}/${name}`);
          return options.json ? printJson(answer) : note(`${told} See: tidemark backfill watch ${id}`);
        }),
      );
  }
}

function addStart(backfill: Command): void {
  const start = apiCommand(backfill, 'start', 'say what it will do and cost, and begin', 'npx tidemark backfill start --prefix reports/ --watch')
    .option('--prefix <prefix>', 'only keys that begin so')
    .addOption(new Option('--mode <mode>', 'copy what differs, or look at everything').choices([...BACKFILL_MODES]).default('missing'))
    .option('--dry-run', 'say what it would do and cost, and do nothing')
    .option('--watch', 'stay and show how far it is');
  withRoute(start).action(
    ending(async ({ prefix, mode, dryRun = false, watch = false, ...options }: StartOptions): Promise<ExitCode | undefined> => {
      const client = await clientOf(options);
      const ends = await endsOf(client, options);
      const body = { srcRegion: ends.srcRegion, dstRegion: ends.dstRegion, prefix: prefix ?? ends.prefix, mode, dryRun };
      // From here on something may have been begun, which must not end unnamed.
      if (watch) interruption();
      const started = await client.post<Started>('/backfill', body);
      if (options.json && !watch) printJson(started);
      if (!options.json) print(estimateText(started.estimate));
      if (started.id === undefined) return undefined;
      if (watch) return watchBackfill(client, started.id, options);
      note(`Started ${started.id}. See how far it is: tidemark backfill watch ${started.id}`);
      const waits = waitsText(started);
      if (waits !== null) note(`It ${waits}`);
      return undefined;
    }),
  );
}
