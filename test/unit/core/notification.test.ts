import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeKey, type Notification, parseNotification } from '../../../lib/core/objects/notification.ts';

interface Over {
  readonly record?: Readonly<Record<string, unknown>>;
  readonly s3?: Readonly<Record<string, unknown>>;
  readonly object?: Readonly<Record<string, unknown>>;
}

/** As AWS documents it. */
function aRecord({ record, s3, object }: Over = {}): Readonly<Record<string, unknown>> {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-west-1',
    eventTime: '2026-11-21T10:00:00.123Z',
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: 'AIDAJDPLRKLG7UEXAMPLE' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'to-queue',
      bucket: { name: 'photos', ownerIdentity: { principalId: 'A3NL1KOZZKExample' }, arn: 'arn:aws:s3:::photos' },
      object: {
        key: 'a.jpg',
        size: 1024,
        eTag: 'd41d8cd98f00b204e9800998ecf8427e',
        versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
        sequencer: '0055AED6DCD90281E5',
        ...object,
      },
      ...s3,
    },
    ...record,
  };
}

function parse(over: Over = {}): Notification {
  return parseNotification({ Records: [aRecord(over)] });
}

function firstChange(over: Over = {}): Readonly<Record<string, unknown>> {
  const parsed = parse(over);
  if (parsed.kind !== 'changes' || !parsed.changes[0]) throw new Error(`no change: ${JSON.stringify(parsed)}`);
  return { ...parsed.changes[0].change };
}

describe("AWS's notification", () => {
  it('becomes a change with all that it tells', () => {
    expect(parse()).toEqual({
      kind: 'changes',
      skipped: [],
      changes: [
        {
          bucket: 'photos',
          awsRegion: 'eu-west-1',
          change: {
            op: 'PUT',
            key: 'a.jpg',
            origin: 's3',
            ts: Date.UTC(2026, 10, 21, 10, 0, 0, 123),
            etag: 'd41d8cd98f00b204e9800998ecf8427e',
            size: 1024,
            versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
            sequencer: '0055AED6DCD90281E5',
          },
        },
      ],
    });
  });

  it.each([
    ['ObjectCreated:Copy', 'PUT'],
    ['ObjectCreated:CompleteMultipartUpload', 'PUT'],
    ['s3:ObjectCreated:Put', 'PUT'],
    ['ObjectRemoved:Delete', 'DELETE'],
    ['ObjectRemoved:DeleteMarkerCreated', 'DELETE'],
    ['LifecycleExpiration:Delete', 'DELETE'],
    ['s3:LifecycleExpiration:DeleteMarkerCreated', 'DELETE'],
    ['ObjectTagging:Put', 'TAG'],
    ['ObjectTagging:Delete', 'TAG'],
    ['ObjectRestore:Completed', 'PUT'],
  ])('%s is a %s', (eventName, op) => {
    expect(firstChange({ record: { eventName } }).op).toBe(op);
  });

  it.each(['ReducedRedundancyLostObject', 'ObjectRestore:Post', 'ObjectAcl:Put', 'Replication:OperationFailedReplication', 's3:Unheard:Of'])(
    '%s asks for nothing and is counted',
    (eventName) => {
      expect(parse({ record: { eventName } })).toEqual({ kind: 'changes', changes: [], skipped: [eventName] });
    },
  );

  it('may hold several records, each taken by itself', () => {
    const parsed = parseNotification({
      Records: [aRecord(), aRecord({ record: { eventName: 'ObjectAcl:Put' } }), aRecord({ object: { key: 'b' } })],
    });

    expect(parsed).toMatchObject({ changes: [{ change: { key: 'a.jpg' } }, { change: { key: 'b' } }], skipped: ['ObjectAcl:Put'] });
  });

  it('says hello', () => {
    expect(parseNotification({ Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-11-21T10:00:00Z', Bucket: 'photos' })).toEqual({
      kind: 'test',
    });
  });

  it.each(['2.0', '2.2', '2.3', '2.99'])('of minor version %s is understood', (eventVersion) => {
    expect(parse({ record: { eventVersion } })).toMatchObject({ kind: 'changes' });
  });

  it.each(['1.0', '3.0', '2', '2.x', '', 2.1, null, undefined])('of version %j is refused', (eventVersion) => {
    const parsed = parse({ record: { eventVersion } });

    expect(parsed).toMatchObject({ kind: 'malformed', reason: expect.stringContaining('Records[0].eventVersion') });
  });
});

describe('a key in a notification', () => {
  it.each([
    ['a+b', 'a b'],
    ['a%2Bb', 'a+b'],
    ['a%20b', 'a b'],
    ['a%252Bb', 'a%2Bb'],
    ['%E2%82%AC/%F0%9F%98%80', '€/😀'],
    ['a/b%3Fc%23d', 'a/b?c#d'],
    ['folder/', 'folder/'],
    ['__proto__', '__proto__'],
  ])('%s is %s: decoded once', (key, decoded) => {
    expect(firstChange({ object: { key } }).key).toBe(decoded);
  });

  it('comes back as it was, whatever it holds', () => {
    const keys = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).filter((key) => key.isWellFormed() && !key.includes('\0'));
    fc.assert(
      fc.property(keys, (key) => {
        expect(decodeKey(encodeURIComponent(key).replaceAll('%20', '+'))).toBe(key);
      }),
    );
  });

  it.each(['%', '%zz', '%C3', 'a%00b', '', 5, null, 'x'.repeat(1025)])('is refused as %j', (key) => {
    expect(parse({ object: { key } })).toMatchObject({ kind: 'malformed', reason: expect.stringContaining('Records[0].s3.object.key') });
  });
});

describe('other stores', () => {
  it("MinIO's envelope around Records is looked through, and its sequencer not believed", () => {
    const record = aRecord({
      record: { eventSource: 'minio:s3', awsRegion: '', eventVersion: '2.0' },
      object: { key: 'a%2Fb+c', contentType: 'text/plain' },
    });

    const parsed = parseNotification({ EventName: 's3:ObjectCreated:Put', Key: 'photos/a/b c', Records: [record] });

    expect(parsed).toMatchObject({ kind: 'changes', changes: [{ awsRegion: '', change: { key: 'a/b c', contentType: 'text/plain' } }] });
    expect(parsed.kind === 'changes' && parsed.changes[0]?.change).not.toHaveProperty('sequencer');
  });

  it("the Versity gateway's keys are taken as they are, its etag without quotes, its counter not for a sequencer", () => {
    const change = firstChange({ s3: { configurationId: 'webhook-global' }, object: { key: 'a+b%2Bc%', eTag: '"abc"', sequencer: '12' } });

    expect(change).toMatchObject({ key: 'a+b%2Bc%', etag: 'abc' });
    expect(change).not.toHaveProperty('sequencer');
  });

  it.each([
    ['null', { versionId: 'null' }, 'versionId'],
    ['empty', { versionId: '' }, 'versionId'],
    ['negative', { size: -1 }, 'size'],
    ['text', { size: '12' }, 'size'],
    ['empty', { eTag: '' }, 'etag'],
  ])('a fact that is %s is none: %o', (_what, object, name) => {
    const without = parse({ object });

    expect(without.kind === 'changes' && without.changes[0]?.change).not.toHaveProperty(name);
  });
});

describe('what is no notification', () => {
  it.each([
    [null, 'not a JSON object'],
    [[], 'not a JSON object'],
    ['text', 'not a JSON object'],
    [{}, 'Records is missing'],
    [{ Records: [] }, 'Records is missing'],
    [{ Records: {} }, 'Records is missing'],
    [{ Records: [null] }, 'Records[0] is not an object'],
    [{ Records: [aRecord({ record: { eventName: 5 } })] }, 'Records[0].eventName'],
    [{ Records: [aRecord({ record: { s3: null } })] }, 'Records[0].s3.bucket.name'],
    [{ Records: [aRecord({ s3: { bucket: { name: '' } } })] }, 'Records[0].s3.bucket.name'],
    [{ Records: [aRecord({ s3: { object: [] } })] }, 'Records[0].s3.object.key'],
    [{ Records: [aRecord({ record: { eventTime: 'yesterday' } })] }, 'Records[0].eventTime'],
    [{ Records: [aRecord(), aRecord({ record: { eventTime: undefined } })] }, 'Records[1].eventTime'],
  ])('%j is refused with its place', (body, place) => {
    expect(parseNotification(body)).toMatchObject({ kind: 'malformed', reason: expect.stringContaining(place) });
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (body, part) => {
        for (const each of [body, { Records: body }, { Records: [body] }, { Records: [{ ...aRecord(), s3: part }] }]) {
          expect(['changes', 'test', 'malformed']).toContain(parseNotification(each).kind);
        }
      }),
    );
  });
});
