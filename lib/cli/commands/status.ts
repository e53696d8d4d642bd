/** `tidemark status`: the answers that matter, at a glance. */
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, clientOf, ending } from '../api-command.ts';
import type { Health, Metrics, RouteView } from '../api-types.ts';
import { causesOf } from '../causes.ts';
import { type ApiClient, ApiError } from '../client.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { columns, print, printJson } from '../terminal.ts';
import { type Status, statusText } from '../views/status-text.ts';

const LOOKED_AT = 1_000;

export function addStatus(program: Command): void {
  apiCommand(program, 'status', 'is it healthy, how far behind, what fails? Exits with 1 when it is not healthy', 'npx tidemark status').action(
    ending(async (options: ApiOptions): Promise<ExitCode> => {
      const client = await clientOf(options);
      const status = await statusOf(client).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
        const fix = 'Where it is a gateway alone, ask: tidemark failover status.';
        throw new ApiError(404, `${client.where} tells nothing of replication (404). ${fix}`, error.problem);
      });
      if (options.json) printJson(status);
      else print(statusText(status, client.where, columns(), Date.now()));
      return status.health.status === 'ok' ? EXIT.ok : EXIT.failed;
    }),
  );
}

async function statusOf(client: ApiClient): Promise<Status> {
  const [health, metrics, { routes }, { causes }] = await Promise.all([
    client.get<Health>('/healthz', {}, [503]),
    client.get<Metrics>('/metrics'),
    client.get<{ readonly routes: readonly RouteView[] }>('/routes'),
    causesOf(client, LOOKED_AT),
  ]);
  return { health, metrics, routes, failing: causes };
}
