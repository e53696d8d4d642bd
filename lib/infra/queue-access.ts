/** What functions may do with queues, beside what an event source mapping grants itself. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ReplayQueues } from './constructs/replay-queues.ts';

/** Looks are asked for at the work queue. */
export function sendWork({ work }: ReplayQueues): PolicyStatement {
  return new PolicyStatement({ sid: 'SendWork', actions: ['sqs:SendMessage'], resources: [work.queueArn] });
}

/** What cannot be done is put among the dead letters, with why. */
export function park({ deadLetters }: ReplayQueues): PolicyStatement {
  return new PolicyStatement({ sid: 'Park', actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] });
}

/** How much waits, for metrics and health. */
export function countMessages({ events, work, abandoned, deadLetters }: ReplayQueues): PolicyStatement {
  return new PolicyStatement({
    sid: 'CountMessages',
    actions: ['sqs:GetQueueAttributes'],
    resources: [events, work, abandoned, deadLetters].map(({ queueArn }) => queueArn),
  });
}

/** A redrive: the dead letters are received, sent to the work queue, and deleted, by SQS itself or message by message. */
export function redrive({ deadLetters }: ReplayQueues): PolicyStatement {
  return new PolicyStatement({
    sid: 'RedriveDeadLetters',
    actions: ['sqs:StartMessageMoveTask', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'],
    resources: [deadLetters.queueArn],
  });
}

/** How old the oldest message is: SQS tells CloudWatch alone. */
export function tellAges(): PolicyStatement {
  // CloudWatch has no resources to name.
  return new PolicyStatement({ sid: 'TellAges', actions: ['cloudwatch:GetMetricData'], resources: ['*'] });
}
