/** `tidemark failover …`: which region is written, and making the other one so. */
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, ending } from '../api-command.ts';
import type { FailoverView, PromotedView } from '../api-types.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { gatewayOf } from '../objects/gateway.ts';
import { columns, note, print, printJson } from '../terminal.ts';
import { failoverText, promotedLines } from '../views/failover-text.ts';
import { addDrill } from './failover-drill.ts';

interface ForceOptions extends ApiOptions {
  readonly force?: boolean;
}

export function addFailover(program: Command): void {
  const failover = program.command('failover').description('which of the two regions the gateway writes to, and switching it');
  apiCommand(
    failover,
    'status',
    'the active region, how both are, and what has not crossed. Exits with 1 when writes are not taken or the active region fails its probes',
    'npx tidemark failover status',
  ).action(
    ending(async (options: ApiOptions): Promise<ExitCode> => {
      const { api } = await gatewayOf(options);
      const state = await api.get<FailoverView>('/admin/state');
      if (options.json) printJson(state);
      else print(failoverText(state, api.where, columns(), Date.now()));
      return state.writes === 'open' && state.phase !== 'suspect' && state.problem === null ? EXIT.ok : EXIT.failed;
    }),
  );
  apiCommand(failover, 'promote', 'make a region active: from then on it is the one that is written', 'npx tidemark failover promote secondary')
    .argument('[region]', 'by its configured name; default: the other one')
    .option('--force', 'also one that does not answer its probes; it has to be named')
    .action(
      ending(async (region: string | undefined, { force, ...options }: ForceOptions) => {
        if (force && region === undefined)
          throw new CliError(`--force: name the region, as \`tidemark failover promote REGION --force\`.`, EXIT.usage);
        const { api } = await gatewayOf(options);
        return tell(await api.post<PromotedView>('/admin/failover/promote', { region, ...(force ? { force } : {}) }), options);
      }),
    );
  apiCommand(failover, 'failback', 'go back to the first region, once all has crossed to it', 'npx tidemark failover failback')
    .argument('[region]', 'the first one, to say which that is')
    .option('--force', 'also while changes have not crossed, which readers then miss until they have; the region has to be named')
    .action(
      ending(async (region: string | undefined, { force, ...options }: ForceOptions) => {
        if (force && region === undefined)
          throw new CliError(`--force: name the region, as \`tidemark failover failback REGION --force\`.`, EXIT.usage);
        const { api } = await gatewayOf(options);
        const { first } = region === undefined ? { first: region } : await api.get<FailoverView>('/admin/state');
        if (first !== region) throw new CliError(`REGION: a failback goes to ${first}. For another one: tidemark failover promote.`, EXIT.usage);
        return tell(await api.post<PromotedView>('/admin/failover/failback', force ? { force } : {}), options);
      }),
    );
  addDrill(failover);
}

function tell(made: PromotedView, { json }: ApiOptions): undefined {
  if (json) return printJson(made);
  for (const line of promotedLines(made, Date.now())) note(line);
  return undefined;
}
