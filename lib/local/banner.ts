/** What the host says on screen when it is ready: where it is, what it does, and what to try. */
import { relative } from 'node:path';
import type { RegionConfig, TidemarkConfig } from '../config/config.ts';
import { destinationKey } from '../core/routes/route.ts';

/** @param needsToken the API asks for API_TOKEN. @param gatewayAlone nothing is replicated here */
export function banner({ regions, routes, gateway }: TidemarkConfig, url: string, needsToken: boolean, gatewayAlone = false): string {
  const names = Object.values(regions);
  const width = Math.max(...names.map(({ name }) => name.length));
  const places = names.map((region) => `  ${region.name.padEnd(width)}  ${placeOf(region)}`);
  const ways = routes.map(
    ({ from, to, prefix, bidirectional, destinationPrefix = '' }) =>
      `  ${from} ${bidirectional ? '⇄' : '→'} ${to}${prefix === '' ? '' : `, keys that begin with ${prefix}`}${destinationPrefix === '' ? '' : `, to keys below ${destinationPrefix}`}`,
  );
  return [
    '',
    `Tidemark listens on ${url}`,
    ...places,
    ...ways,
    ...(gateway ? [`  gateway over ${gateway.route.name}, failover ${gateway.mode}: ${url}/objects/{key}`] : []),
    ...(gatewayAlone ? ['  It replicates nothing by itself: `tidemark serve` beside it does, with the same DATABASE_URL.'] : []),
    '',
    'Try, in another terminal:',
    ...(gatewayAlone
      ? objectExamples(url, needsToken)
      : [...examples(regions, routes[0], url, needsToken), ...(gateway ? objectExamples(url, needsToken) : [])]),
    '',
  ].join('\n');
}

function placeOf(region: RegionConfig): string {
  if (region.kind === 'folder') return `folder ${shown(region.path)}`;
  return `bucket ${region.bucket} at ${region.endpoint ?? `AWS ${region.awsRegion}`}`;
}

function examples(
  regions: TidemarkConfig['regions'],
  route: TidemarkConfig['routes'][number] | undefined,
  url: string,
  needsToken: boolean,
): readonly string[] {
  const curl = needsToken ? 'curl -s -H "Authorization: Bearer $API_TOKEN"' : 'curl -s';
  const lines = [`  ${curl} '${url}/events?limit=5'`];
  if (!route) return lines;
  const key = `${route.prefix}hello.txt`;
  const source = regions[route.from];
  const destination = regions[route.to];
  if (source?.kind === 'folder') lines.unshift(`  echo hello > ${quoted(`${shown(source.path)}/${key}`)}`);
  if (source?.kind === 'folder' && destination?.kind === 'folder') {
    lines.splice(1, 0, `  cat ${quoted(`${shown(destination.path)}/${destinationKey(route, key)}`)}`);
  }
  const event = `{"op":"PUT","key":"${key}","srcRegion":"${route.from}","dstRegion":"${route.to}","ts":'$(date +%s000)'}`;
  return [...lines, `  ${curl} -X POST ${url}/events/ingest -H 'Content-Type: application/json' -d '{"events":[${event}]}'`];
}

function objectExamples(url: string, needsToken: boolean): readonly string[] {
  const curl = needsToken ? 'curl -s -H "Authorization: Bearer $API_TOKEN"' : 'curl -s';
  return [
    `  echo hello | ${curl} -X PUT --data-binary @- ${url}/objects/docs/hello.txt`,
    `  ${curl} ${url}/objects/docs/hello.txt`,
    `  ${curl} ${url}/replication/docs/hello.txt`,
  ];
}

function shown(path: string): string {
  const near = relative('', path);
  return near === '' ? '.' : near.startsWith('..') ? path : near;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
