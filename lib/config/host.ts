import { TidemarkError } from '../core/errors.ts';
import { type FieldProblem, sentence } from './field-problems.ts';
import { type Environment, variable } from './variable.ts';

/** What the embedded host is told by the environment, whatever the configuration (A11). */
export interface HostConfig {
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** Path or URL of the SQLite file. */
  readonly databaseUrl: string;
  /** Asked of every request but GET /healthz. */
  readonly apiToken?: string;
  /** Opens POST /events/s3 alone. */
  readonly eventsToken?: string;
  /** Opens reading and writing objects through the gateway alone. */
  readonly objectsToken?: string;
}

const HOST_PORT = 8111;
/** Where the gateway alone is served. */
export const GATEWAY_PORT = 8110;

/** @throws TidemarkError INVALID_CONFIG that names every wrong variable with its fix */
export function refuseVariables(problems: readonly FieldProblem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `\n  ${sentence(problem)}`);
  throw new TidemarkError(
    'INVALID_CONFIG',
    `the environment has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:${lines.join('')}`,
    { problems },
  );
}

/** PORT, HOST, DATABASE_URL, API_TOKEN, EVENTS_TOKEN and OBJECTS_TOKEN. @throws TidemarkError INVALID_CONFIG */
export function hostFromEnv(env: Environment, defaultPort = HOST_PORT): HostConfig {
  const problems: FieldProblem[] = [];
  const port = variable(env, 'PORT') ?? String(defaultPort);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    problems.push({
      field: 'PORT',
      message: 'a port is a whole number from 0 to 65535',
      fix: `Set it to a free port, or leave it out for ${defaultPort}.`,
    });
  }
  const host = variable(env, 'HOST') ?? '127.0.0.1';
  const apiToken = variable(env, 'API_TOKEN');
  const eventsToken = variable(env, 'EVENTS_TOKEN');
  const objectsToken = variable(env, 'OBJECTS_TOKEN');
  if (!isLoopback(host) && apiToken === undefined) {
    problems.push({
      field: 'API_TOKEN',
      message: `HOST is ${host}, which others can reach, and no token protects the API`,
      fix: 'Set API_TOKEN to a long random text, as by `openssl rand -hex 32`, or leave HOST out to listen on 127.0.0.1 alone.',
    });
  }
  for (const [field, token] of [
    ['API_TOKEN', apiToken],
    ['EVENTS_TOKEN', eventsToken],
    ['OBJECTS_TOKEN', objectsToken],
  ] as const) {
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
      problems.push({
        field,
        message: 'a token goes into a header: printable ASCII without spaces',
        fix: 'Set another one, as by `openssl rand -hex 32`.',
      });
    }
  }
  refuseVariables(problems);
  const databaseUrl = variable(env, 'DATABASE_URL') ?? 'data/replication_cdc.db';
  return {
    port: Number(port),
    host,
    databaseUrl,
    ...(apiToken === undefined ? {} : { apiToken }),
    ...(eventsToken === undefined ? {} : { eventsToken }),
    ...(objectsToken === undefined ? {} : { objectsToken }),
  };
}

/** True for a name or address that only this machine answers at. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
