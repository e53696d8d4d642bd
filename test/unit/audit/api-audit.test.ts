import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAudited } from '../../../lambdas/api/audited.ts';
import { ENDPOINTS } from '../../../lambdas/api/endpoints.ts';
import { canonicalJson } from '../../../lib/adapters/system/canonical-json.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { AuditStore } from '../../../lib/ports/audit.ts';
import { ChainedTrail } from '../../../lib/usecases/audit/trail.ts';
import { entriesOf } from '../../fixtures/audit-trail.ts';
import { HandlerWorld } from '../../fixtures/handler-world.ts';

const PAUSE = '/routes/primary-secondary/pause';

let world: HandlerWorld;
beforeEach(async () => {
  world = await HandlerWorld.create();
});
afterEach(() => world.dispose());

/** A request whose caller was told by an authorizer. */
async function calledBy(authorizer: unknown): Promise<void> {
  const http = { method: 'POST', path: PAUSE, protocol: 'HTTP/1.1', sourceIp: '', userAgent: '' };
  const requestContext: APIGatewayProxyEventV2['requestContext'] = {
    ...{ accountId: '', apiId: '', domainName: '', domainPrefix: '', http, requestId: 'r', routeKey: '', stage: '', time: '', timeEpoch: 1 },
    ...(authorizer === undefined ? {} : { authorizer }),
  };
  await world.call('POST', PAUSE, undefined, { requestContext });
}

describe('a call of an operator', () => {
  it('stands in the trail before it is done, and then what came of it', async () => {
    await world.call('POST', PAUSE);
    await world.call('POST', '/events/requeue', { ids: ['none'] });

    expect(await entriesOf(world.runtime.auditStore)).toEqual([
      expect.objectContaining({ sequence: 1, action: 'pauseRoute', subject: PAUSE, details: { requestId: 'request-1' } }),
      expect.objectContaining({ action: 'pauseRoute.outcome', subject: PAUSE, details: { intent: 1, requestId: 'request-1', status: 200 } }),
      expect.objectContaining({ sequence: 3, action: 'requeueEvents', details: { requestId: 'request-2', body: { ids: ['none'] } } }),
      expect.objectContaining({ action: 'requeueEvents.outcome', details: { intent: 3, requestId: 'request-2', status: 200 } }),
    ]);
  });

  it('tells of a refusal, and by which code', async () => {
    expect(await world.call('POST', '/routes/none/pause')).toMatchObject({ status: 404 });

    const [, outcome] = await entriesOf(world.runtime.auditStore);
    expect(outcome).toMatchObject({ action: 'pauseRoute.outcome', details: { intent: 1, status: 404 } });
  });

  it('is none where it is a read, tells of events, or is not understood', async () => {
    await world.call('GET', '/routes');
    await world.call('POST', '/events/s3', '');
    await world.call('POST', '/events/ingest', { events: [] });
    expect(await world.call('POST', '/backfill', { mode: 'sometimes', token: 'secret' })).toMatchObject({ status: 400 });

    expect(await entriesOf(world.runtime.auditStore)).toEqual([]);
  });

  it.each([
    [{ iam: { userArn: 'arn:aws:sts::1:assumed-role/ops/ana', accessKey: 'AKIA' } }, 'iam:arn:aws:sts::1:assumed-role/ops/ana'],
    [{ jwt: { claims: { sub: 'ana', iss: 'https://id' }, scopes: null } }, 'jwt:ana'],
    [{ lambda: { actor: 'token' } }, 'token'],
    [{ iam: null }, 'unknown'],
    [undefined, 'unknown'],
  ])('names who asked, as %j tells it', async (authorizer, actor) => {
    await calledBy(authorizer);

    expect(await entriesOf(world.runtime.auditStore)).toMatchObject([{ actor }, { actor }]);
  });

  it('does nothing where the trail takes no entry', async () => {
    const refusal = new TidemarkError('THROTTLED', 'the table is too slow');
    const refuse = (): Promise<never> => Promise.reject(refusal);
    const store: AuditStore = { tail: refuse, put: refuse, page: refuse };
    await world.dispose();
    world = await HandlerWorld.create({
      instead: () => {
        let now = 0;
        const sleep = async (ms: number): Promise<void> => {
          now += ms + 1_000;
        };
        const clock = { now: () => now, sleep };
        const onLost = (): void => undefined;
        return { audit: new ChainedTrail({ store, canonical: canonicalJson, clock, ids: { random: () => 0.5 }, onLost }) };
      },
    });

    const answer = await world.call('POST', PAUSE);

    expect(answer).toMatchObject({
      status: 503,
      body: { type: 'urn:tidemark:problem:audit-unavailable', detail: expect.stringContaining('too slow') },
    });
    expect(await world.runtime.pauses.read()).toEqual(new Map());
  });

  it('forgets no endpoint', () => {
    const changing = ENDPOINTS.filter(({ method }) => method !== 'GET');
    const untold = changing.filter((endpoint) => !isAudited(endpoint)).map(({ name }) => name);

    expect(changing.length - untold.length).toBeGreaterThan(10);
    // Objects and events have a trail of their own; what switches the active region tells of it itself, before the switch.
    const objects = ['putObject', 'deleteObject', 'postObject', 'sign'];
    expect(untold).toEqual([...objects, 'promote', 'failback', 'ingestEvents', 'receiveNotification']);
  });
});

describe('GET /audit', () => {
  beforeEach(async () => {
    for (let times = 0; times < 3; times++) await world.call('POST', PAUSE);
    await world.runtime.audit.append({ action: 'deletes.paused', actor: 'system', subject: 'a-b' });
  });

  const sequences = ({ body }: { readonly body: Record<string, unknown> }): readonly number[] =>
    (body.entries as { readonly sequence: number }[]).map(({ sequence }) => sequence);

  it('pages', async () => {
    const first = await world.call('GET', '/audit?limit=4');
    expect(sequences(first)).toEqual([1, 2, 3, 4]);
    expect(first.body.next).toBe(4);
    const second = await world.call('GET', '/audit?after=4&limit=4');
    expect(sequences(second)).toEqual([5, 6, 7]);
    expect(second.body).not.toHaveProperty('next');
    expect(sequences(await world.call('GET', '/audit?after=7'))).toEqual([]);
  });

  it('finds by the action, with what came of it', async () => {
    expect(sequences(await world.call('GET', '/audit?action=pauseRoute'))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(sequences(await world.call('GET', '/audit?action=pauseRoute.outcome&limit=2'))).toEqual([2, 4]);
    expect(sequences(await world.call('GET', '/audit?action=deletes'))).toEqual([7]);
    expect(sequences(await world.call('GET', '/audit?action=pause'))).toEqual([]);
  });

  it('answers 304 to who has it', async () => {
    const { headers } = await world.call('GET', '/audit');

    expect(await world.call('GET', '/audit', undefined, { headers: { 'if-none-match': String(headers.etag) } })).toMatchObject({ status: 304 });
  });

  it('says where the chain ends, and what was signed of it', async () => {
    const tail = await world.runtime.auditStore.tail();

    expect(await world.call('GET', '/audit/head')).toMatchObject({ status: 200, body: { length: 7, hash: tail?.hash, head: null } });
    expect(await world.call('GET', '/audit/heads')).toMatchObject({ status: 200, body: { heads: [] } });
  });

  it.each(['after=-x', 'limit=0', 'limit=501', 'action=', 'since=1'])('refuses %s', async (query) => {
    expect(await world.call('GET', `/audit?${query}`)).toMatchObject({ status: 400 });
  });
});
