/** A source that was there before the app: whose notifications are left alone, and which an application tells of. */
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { followAdvice } from './aws-cli.ts';
import { describeDeployed, Pair } from './client.ts';
import { OWNERS_QUEUE, SOURCE_REGION } from './deployment.ts';

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

  it('tells by EventBridge once its owner turns that on as the deploy said, and goes on telling its owner', async () => {
    const before = await notifications();
    await followAdvice(pair.deployment.printed, pair.source.bucket, pair.deployment);
    expect(await notifications()).toEqual({ ...before, EventBridgeConfiguration: {} });

    await pair.source.put('bridged+ü.txt', 'by EventBridge', { metadata: { way: 'bridge' } });

    await pair.arrives('bridged+ü.txt', 'by EventBridge');
    await pair.source.delete('bridged+ü.txt');
    await pair.goes('bridged+ü.txt');
    await pair.settles('bridged');
    expect(await pair.differences('')).toEqual([]);
  });

  it('is paused and resumed: what is told meanwhile waits, and its end is told on the bus', async () => {
    const route = 'existing-primary-existing-secondary';
    const told = await ruleFor(route, pair);
    const { status, body } = await pair.call('POST', `/routes/${route}/pause`, {});
    expect({ status, body }).toEqual({ status: 200, body: { route, paused: expect.any(Number) } });
    // Within a second every function knows.
    const since = Date.now();
    await expect.poll(() => Date.now() - since, { timeout: 10_000 }).toBeGreaterThan(1_000);

    await pair.source.put('held.txt', 'held');
    await pair.eventually(async () => (await pair.events('held.txt')).map((event) => event.status), ['pending']);
    await pair.eventually(async () => ((await pair.call('GET', '/metrics')).body.queue as { inFlight: number }).inFlight, 0);
    expect(await pair.destination.text('held.txt')).toBe(null);
    const { routes } = (await pair.call('GET', '/routes')).body as { routes: readonly Record<string, unknown>[] };
    expect(routes).toMatchObject([{ name: route, paused: body.paused, deletesPaused: null }]);

    expect((await pair.call('POST', `/routes/${route}/resume`, {})).body).toMatchObject({ route, paused: null });
    await pair.arrives('held.txt', 'held');
    const [event] = await pair.events('held.txt');
    await pair.eventually(async () => (await told()).find(({ detail }) => detail.key === 'held.txt') ?? null, {
      source: 'tidemark',
      'detail-type': 'Object Replicated',
      detail: expect.objectContaining({ id: event?.id, route, op: 'PUT', status: 'done', error: null, ...pair.regions }),
    });
  });
});

interface Told {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A rule of an operator, and a queue behind it. @returns all that came so far */
async function ruleFor(route: string, pair: Pair): Promise<() => Promise<readonly Told[]>> {
  const { endpoint, credentials } = pair.deployment;
  const buses = new EventBridgeClient({ endpoint, credentials, region: SOURCE_REGION });
  const { QueueUrl = '' } = await pair.sqs.send(new CreateQueueCommand({ QueueName: 'told' }));
  const { Attributes } = await pair.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Resource = Attributes?.QueueArn ?? '';
  const lets = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [lets] });
  await pair.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await buses.send(new PutRuleCommand({ Name: 'told', EventPattern: JSON.stringify({ source: ['tidemark'], detail: { route: [route] } }) }));
  await buses.send(new PutTargetsCommand({ Rule: 'told', Targets: [{ Id: 'queue', Arn: Resource }] }));
  const told: Told[] = [];
  return async () => {
    const { Messages = [] } = await pair.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { Body = '' } of Messages) {
      const { source, 'detail-type': type, detail }: Told = JSON.parse(Body);
      told.push({ source, 'detail-type': type, detail });
    }
    return told;
  };
}
