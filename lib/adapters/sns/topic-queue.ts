import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { OutgoingMessage, Queue } from '../../ports/queue.ts';
import { asAwsFailure } from '../aws/failures.ts';

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
    for (const { body } of messages) {
      await this.#client.send(new PublishCommand({ TopicArn: this.#topicArn, Message: body })).catch((error: unknown) => {
        throw asAwsFailure(error, `Publish to ${this.#topicArn}`);
      });
    }
  }
}
