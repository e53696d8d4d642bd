import type { SQSEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { notificationOf, withNotifications } from '../../lambdas/shared/eventbridge.ts';
import { parseMessage } from '../../lib/core/objects/message.ts';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';

/** As EventBridge sends it. */
function told(type: string, object: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': type,
    source: 'aws.s3',
    account: '111122223333',
    time: '2026-11-12T00:00:00Z',
    region: 'eu-west-1',
    resources: ['arn:aws:s3:::acme-primary'],
    detail: { version: '0', bucket: { name: 'acme-primary' }, object, 'request-id': 'N4N7GDK58NMKJ12R', reason: 'PutObject' },
  });
}

function read(body: string) {
  return parseMessage(notificationOf(body) ?? body);
}

describe('an event of EventBridge', () => {
  test('tells what S3 itself would have told', () => {
    const object = { key: 'a b+c.txt', size: 5, etag: 'b1946ac92492d2347c6235b4d2611184', 'version-id': 'V1', sequencer: '00617F08299329D189' };

    expect(read(told('Object Created', object))).toEqual({
      kind: 'changes',
      skipped: [],
      changes: [
        {
          bucket: 'acme-primary',
          awsRegion: 'eu-west-1',
          change: {
            op: 'PUT',
            key: 'a b+c.txt',
            origin: 's3',
            ts: Date.UTC(2026, 10, 12),
            etag: 'b1946ac92492d2347c6235b4d2611184',
            size: 5,
            versionId: 'V1',
            sequencer: '00617F08299329D189',
          },
        },
      ],
    });
  });

  test.each([
    ['Object Created', 'PUT'],
    ['Object Deleted', 'DELETE'],
    ['Object Tags Added', 'TAG'],
    ['Object Tags Deleted', 'TAG'],
    ['Object Restore Completed', 'PUT'],
  ])('%s asks for %s', (type, op) => {
    expect(read(told(type, { key: 'k' }))).toMatchObject({ changes: [{ change: { op } }] });
  });

  test('of a kind that is none of ours is skipped by its name', () => {
    expect(read(told('Object Storage Class Changed', { key: 'k' }))).toMatchObject({ changes: [], skipped: ['Object Storage Class Changed'] });
  });

  test.each(AWKWARD_KEYS)('keeps a key with $label', ({ key }) => {
    expect(read(told('Object Created', { key }))).toMatchObject({ changes: [{ change: { key } }] });
  });
});

describe('whatever else lies in the queue', () => {
  test.each([
    ['S3’s own notification', '{"Records":[{"eventSource":"aws:s3"}]}'],
    ['no JSON', 'source "aws.s3"'],
    ['an event without an object', '{"source":"aws.s3","detail-type":"Object Created"}'],
    ['a key that cannot be encoded', told('Object Created', { key: '\ud800' })],
  ])('%s stays as it is', (_what, body) => {
    expect(notificationOf(body)).toBeNull();
  });

  test.each([[{}], [{ Records: [null, 7, {}] }]])('an event that is none of SQS, %j, is the handler’s to judge', (event) => {
    expect(withNotifications(event as SQSEvent)).toEqual(event);
  });
});
