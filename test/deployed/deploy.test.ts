/** What `npm run deploy` leaves, and what it prints. */
import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { describeDeployed, Pair } from './client.ts';

describeDeployed('npm run deploy', () => {
  const pair = new Pair('main');

  it('prints the address of the API and three commands to try', () => {
    const { printed } = pair.deployment;
    const { source, destination } = pair;
    expect(printed).toContain(`Region primary: ${pair.output('ApiUrl')}`);
    expect(printed).toContain(`aws s3 cp - 's3://${source.bucket}/hello.txt' --region eu-west-1`);
    expect(printed).toContain(`aws s3 cp 's3://${destination.bucket}/hello.txt' - --region us-east-1`);
    expect(printed).toMatch(new RegExp(`curl .*'${pair.output('ApiUrl')}events\\?limit=5'`));
  });

  it('lets the bucket tell the queue of changes, with nothing between', async () => {
    const { client, bucket } = pair.source;
    const { QueueConfigurations = [] } = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));

    expect(QueueConfigurations.flatMap(({ Events = [] }) => Events)).toEqual(
      expect.arrayContaining(['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:ObjectTagging:*']),
    );
    const queue = pair.output('EventsQueueUrl').split('/').at(-1);
    expect(new Set(QueueConfigurations.map(({ QueueArn }) => QueueArn?.split(':').at(-1)))).toEqual(new Set([queue]));
  });

  it('leaves no path of the API open to a request that is not signed', async () => {
    for (const path of ['/healthz', '/events', '/metrics', '/openapi.json', '/api/docs', '/nowhere']) {
      expect((await pair.call('GET', path, undefined, null)).status, path).toBe(403);
    }
  });

  it('opens the API to nobody whose key the account does not know', async () => {
    const stranger = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a secret of nobody' };

    expect((await pair.call('GET', '/healthz', undefined, stranger)).status).toBe(403);
  });

  it('describes itself to who may ask', async () => {
    expect(await pair.call('GET', '/openapi.json')).toMatchObject({ status: 200, body: { openapi: '3.1.1' } });
  });

  it('is healthy, and says so', async () => {
    expect(await pair.call('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });
});
