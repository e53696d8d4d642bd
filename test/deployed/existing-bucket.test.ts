/** A source that was there before the app: whose notifications are left alone, and which an application tells of. */
import { GetBucketNotificationConfigurationCommand, PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { describeDeployed, Pair } from './client.ts';
import { OWNERS_QUEUE } from './deployment.ts';

describeDeployed('an existing bucket', () => {
  const pair = new Pair('existing');
  const notifications = async () => {
    const { $metadata: _, ...found } = await pair.source.client.send(new GetBucketNotificationConfigurationCommand({ Bucket: pair.source.bucket }));
    return found;
  };

  it('keeps the notifications that its owner made', async () => {
    const { QueueConfigurations = [], EventBridgeConfiguration } = await notifications();

    expect(QueueConfigurations).toMatchObject([{ Id: 'owners', Events: ['s3:ObjectCreated:*'] }]);
    expect(QueueConfigurations[0]?.QueueArn).toMatch(new RegExp(`:${OWNERS_QUEUE}$`));
    expect(EventBridgeConfiguration).toBeUndefined();
  });

  it('whose application told too early ends as done, once the object is there and the error is requeued', async () => {
    const [told] = await pair.tell({ op: 'PUT', key: 'early.txt', etag: 'demoe', size: 11, contentType: 'text/plain' });
    const statusOf = async (): Promise<unknown> => (await pair.events('early.txt')).map(({ status }) => status);
    await pair.eventually(statusOf, ['error']);
    expect((await pair.events('early.txt', '&status=error'))[0]?.lastError).toContain('no such key at the source');
    await pair.source.put('early.txt', 'there by now');

    const unknown = 'existing-primary-existing-secondary.none.bm9uZQ';
    const requeued = await pair.call('POST', '/events/requeue', { ids: [told?.id, unknown] });

    expect(requeued).toMatchObject({ status: 200, body: { requeued: 1, notFound: [unknown] } });
    await pair.arrives('early.txt', 'there by now');
    await pair.eventually(statusOf, ['done']);
  });

  it('tells by EventBridge once its owner turns that on', async () => {
    const before = await notifications();
    const NotificationConfiguration = { ...before, EventBridgeConfiguration: {} };
    await pair.source.client.send(new PutBucketNotificationConfigurationCommand({ Bucket: pair.source.bucket, NotificationConfiguration }));

    await pair.source.put('bridged+ü.txt', 'by EventBridge', { metadata: { way: 'bridge' } });

    await pair.arrives('bridged+ü.txt', 'by EventBridge');
    await pair.source.delete('bridged+ü.txt');
    await pair.goes('bridged+ü.txt');
    await pair.settles('bridged');
    expect(await pair.differences('')).toEqual([]);
  });
});
