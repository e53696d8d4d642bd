import { randomBytes } from 'node:crypto';
import { CreateEventBusCommand, EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe } from 'vitest';
import { EventBridgeCompletions } from '../../lib/adapters/eventbridge/index.ts';
import { type Emulator, emulatorAvailable, startEmulator } from '../fixtures/emulator.ts';
import { completionsContract } from './completions.ts';

describe.skipIf(!emulatorAvailable())('eventbridge', () => {
  let emulator: Emulator;
  let buses: EventBridgeClient;
  let queues: SQSClient;
  beforeAll(async () => {
    emulator = await startEmulator();
    buses = new EventBridgeClient(emulator.client);
    queues = new SQSClient(emulator.client);
  });
  afterAll(async () => {
    buses.destroy();
    queues.destroy();
    await emulator.stop();
  });

  completionsContract('eventbridge', async () => {
    const name = `bus-${randomBytes(6).toString('hex')}`;
    await buses.send(new CreateEventBusCommand({ Name: name }));
    const { QueueUrl = '' } = await queues.send(new CreateQueueCommand({ QueueName: name }));
    const { Attributes } = await queues.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    await buses.send(new PutRuleCommand({ Name: 'all', EventBusName: name, EventPattern: JSON.stringify({ source: ['tidemark'] }) }));
    await buses.send(new PutTargetsCommand({ Rule: 'all', EventBusName: name, Targets: [{ Id: 'queue', Arn: Attributes?.QueueArn ?? '' }] }));
    const received: { type: string; data: Record<string, unknown> }[] = [];
    let endpoint = emulator.endpoint;
    const told = new EventBridgeCompletions(name, emulator.client);
    return {
      completions: {
        tell: (events) =>
          (endpoint === emulator.endpoint ? told : new EventBridgeCompletions(name, { ...emulator.client, endpoint, maxAttempts: 1 })).tell(events),
      },
      received: async () => {
        for (;;) {
          const { Messages = [] } = await queues.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
          if (Messages.length === 0) return received;
          for (const { Body = '', ReceiptHandle = '' } of Messages) {
            const event = JSON.parse(Body);
            received.push({ type: event['detail-type'], data: event.detail });
            await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
          }
        }
      },
      breakOff: async () => {
        endpoint = 'http://127.0.0.1:9';
      },
      dispose: () => undefined,
    };
  });
});
