/** Which route a command is about. */
import type { Command } from 'commander';
import type { RouteView } from './api-types.ts';
import type { ApiClient } from './client.ts';
import { CliError, EXIT } from './exit.ts';

export interface RouteOptions {
  readonly route?: string;
}

export function withRoute(command: Command): Command {
  return command.option('--route <name>', 'the route; needed where there are several (tidemark routes list)');
}

export interface Ends {
  readonly srcRegion: string;
  readonly dstRegion: string;
  /** Of the route's keys. */
  readonly prefix: string;
}

/** @throws CliError where the route is not told, or unknown */
export async function endsOf(client: ApiClient, { route: name }: RouteOptions): Promise<Ends> {
  const { routes } = await client.get<{ readonly routes: readonly RouteView[] }>('/routes');
  const names = routes.map((each) => each.name).join(', ');
  const [only, another] = routes;
  if (name === undefined && another !== undefined) throw new CliError(`There are several routes. Give --route with one of: ${names}.`, EXIT.usage);
  const route = name === undefined ? only : routes.find((each) => each.name === name);
  if (!route) throw new CliError(`--route: there is no route ${JSON.stringify(name)}. Name one of: ${names}.`, EXIT.usage);
  return { srcRegion: route.from, dstRegion: route.to, prefix: route.prefix };
}
