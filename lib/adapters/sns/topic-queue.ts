import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import { TidemarkError } from '../../core/errors.ts';
import type { OutgoingMessage, Queue } from '../../ports/queue.ts';
import { asAwsFailure } from '../aws/failures.ts';

/** As many as one request takes. */
const BATCH = 10;

/** A queue in another region, by the topic of this region that it hears: who sends depends on no other region, and SNS tries for weeks. */
export class TopicQueue implements Pick<Queue, 'send'> {
  readonly #client: SNSClient;
  readonly #topicArn: string;

  constructor(client: SNSClient, topicArn: string) {
    this.#client = client;
    this.#topicArn = topicArn;
  }

  /** Delays are not kept: a topic knows none. @throws TidemarkError; some of the messages may have been sent then */
  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    for (let start = 0; start < messages.length; start += BATCH) await this.#publish(messages.slice(start, start + BATCH));
  }

  async #publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const what = `PublishBatch to ${this.#topicArn}`;
    const entries = messages.map(({ body }, index) => ({ Id: String(index), Message: body }));
    const command = new PublishBatchCommand({ TopicArn: this.#topicArn, PublishBatchRequestEntries: entries });
    const { Failed = [] } = await this.#client.send(command).catch((error: unknown) => {
      throw asAwsFailure(error, what);
    });
    const [first] = Failed;
    if (!first) return;
    throw new TidemarkError('UNAVAILABLE', `${what}: ${Failed.length} of ${entries.length} were refused: ${first.Message ?? first.Code}`);
  }
}
