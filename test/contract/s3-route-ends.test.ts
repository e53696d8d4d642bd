/** Both places to run make of a route's overrides the same requests. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awsEnds } from '../../lambdas/shared/aws-ends.ts';
import { defineTidemark } from '../../lib/config/define.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import { openRegions } from '../../lib/local/regions.ts';
import type { Findings } from '../../lib/ports/objects.ts';
import type { RouteEnds } from '../../lib/usecases/link-once.ts';
import { REAL_CLOCK } from '../fixtures/folder.ts';
import { put, sightLike, text } from './object-store-support.ts';

/** Everything is found out anew. */
const FORGETFUL: Findings = { recall: async () => null, remember: async () => undefined };

const ETAG = '0123456789abcdef0123456789abcdef';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const OVERRIDDEN = {
  'x-amz-storage-class': 'STANDARD_IA',
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-server-side-encryption-aws-kms-key-id': KEY,
};
const PLAIN = Object.fromEntries(Object.keys(OVERRIDDEN).map((name) => [name, undefined]));
const CREDENTIALS = { accessKeyEnv: 'AWS_ACCESS_KEY_ID', secretKeyEnv: 'AWS_SECRET_ACCESS_KEY' };

function configOf(endpoint: string | undefined) {
  const where = { awsRegion: 'eu-west-1', ...(endpoint === undefined ? {} : { endpoint, credentials: CREDENTIALS }) };
  return defineTidemark({
    regions: { primary: { bucket: { existing: 'source' }, ...where }, secondary: { bucket: { existing: 'destination' }, ...where } },
    routes: [
      { from: 'primary', to: 'secondary', name: 'plain', prefix: 'a/' },
      { from: 'primary', to: 'secondary', name: 'overriding', prefix: 'b/', storageClass: 'STANDARD_IA', kmsKeyArn: KEY },
    ],
  });
}

describe.each<readonly [string, (endpoint: string) => Promise<RouteEnds> | RouteEnds]>([
  ['on AWS', (endpoint) => awsEnds(configOf(undefined), { AWS_ENDPOINT_URL_S3: endpoint }, FORGETFUL)],
  ['embedded', (endpoint) => openRegions(configOf(endpoint), { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' }, REAL_CLOCK)],
])('%s', (_place, open) => {
  let server: Server;
  let ends: RouteEnds;
  let requests: { readonly line: string; readonly headers: IncomingMessage['headers'] }[];
  const [plain, overriding] = configOf(undefined).routes;

  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's');
    requests = [];
    server = createServer(async (request, response) => {
      requests.push({ line: `${request.method} ${request.url}`, headers: request.headers });
      for await (const _chunk of request);
      response.writeHead(200, { etag: `"${ETAG}"` });
      response.end(`<CopyObjectResult><ETag>"${ETAG}"</ETag></CopyObjectResult>`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    ends = await open(`http://127.0.0.1:${address.port}`);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const writtenBy = async (route: Route | undefined) => {
    if (!route) throw new Error('there is a route');
    await put(ends.destination(route), 'k', text('x'));
    await ends.serverSide(route)?.copy({ sourceKey: 'k', key: 'k', sight: sightLike({ etag: ETAG }) });
    return requests.splice(0);
  };

  it('what a route writes, itself or by the store, is kept as the route says; what another writes is not', async () => {
    for (const [route, headers] of [
      [overriding, OVERRIDDEN],
      [plain, PLAIN],
    ] as const) {
      const written = await writtenBy(route);

      expect(written.map(({ line }) => line.replace(/\?.*/, ''))).toEqual(['PUT /destination/k', 'PUT /destination/k']);
      expect(written.map((request) => ({ ...PLAIN, ...request.headers }))).toMatchObject([headers, headers]);
    }
  });
});
