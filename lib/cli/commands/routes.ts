/** `tidemark routes …`: what flows, and what is stopped. */
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, clientOf, ending } from '../api-command.ts';
import type { Metrics, RouteView } from '../api-types.ts';
import { type ApiClient, segment } from '../client.ts';
import { columns, note, print, printJson } from '../terminal.ts';
import { type Resumed, resumedText } from '../views/route-text.ts';
import { routeTable } from '../views/status-text.ts';

export function addRoutes(program: Command): void {
  const routes = program.command('routes').description('what flows, and what is stopped');
  apiCommand(routes, 'list', 'all routes, and whether they or their deletes are paused', 'npx tidemark routes list').action(
    ending(async (options: ApiOptions) => {
      const client = await clientOf(options);
      const answer = await client.get<{ readonly routes: readonly RouteView[] }>('/routes');
      if (options.json) return printJson(answer);
      const { routes: known } = await client.get<Metrics>('/metrics');
      return print(routeTable(answer.routes, known, columns(), Date.now()));
    }),
  );
  apiCommand(routes, 'pause', 'stop a route, deletes and all: its changes wait, and none is lost', 'npx tidemark routes pause primary-secondary')
    .argument('<route>', 'its name')
    .action(
      ending(async (name: string, options: ApiOptions) => {
        const answer = await (await clientOf(options)).post(`/routes/${segment(name)}/pause`);
        if (options.json) return printJson(answer);
        return note(`Route ${name} is paused: changes are still accepted, and wait. Go on with: tidemark routes resume ${name}`);
      }),
    );
  apiCommand(routes, 'resume', 'let a route go on where it was paused', 'npx tidemark routes resume primary-secondary --accept-deletes')
    .argument('<route>', 'its name')
    .option('--accept-deletes', 'let its deletes flow again, too, after the brake stopped them: for ten minutes without limit')
    .action(
      ending(async (name: string, options: ApiOptions & { readonly acceptDeletes?: boolean }) => {
        const answer = await resumed(await clientOf(options), name, options.acceptDeletes ?? false);
        if (options.json) return printJson(answer);
        note(resumedText(answer));
        if (options.acceptDeletes) note('Deletes that waited run within five minutes, or now: tidemark replay --limit 1000');
        return;
      }),
    );
}

/** Until all that waited is looked at: a call has seconds for it. */
async function resumed(client: ApiClient, name: string, acceptDeletes: boolean): Promise<Resumed> {
  const path = `/routes/${segment(name)}/resume`;
  let answer = await client.post<Resumed>(path, acceptDeletes ? { acceptDeletes } : {});
  let { released } = answer;
  while (answer.cursor !== undefined) {
    answer = await client.post<Resumed>(path, { cursor: answer.cursor });
    released += answer.released;
  }
  return { ...answer, released };
}
