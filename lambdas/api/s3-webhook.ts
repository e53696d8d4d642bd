/** POST /events/s3 (A2): the webhook that stores other than AWS send, in S3's format. It goes into the queue as it is. */
import { parseMessage } from '../../lib/core/objects/message.ts';
import type { BucketChange } from '../../lib/core/objects/notification.ts';
import { carries, isProbe, sidesIn } from '../../lib/core/routes/route.ts';
import type { Runtime } from '../shared/runtime.ts';
import { endpoint } from './endpoint.ts';
import { badRequest } from './request.ts';
import { accepted, storeNotification } from './schemas/notification.ts';

const FIX = 'Send the notification of the store as it is: {"Records": [{"eventVersion": "2.1", …}]}.';

export const s3WebhookEndpoint = endpoint({
  name: 'receiveNotification',
  method: 'POST',
  path: '/events/s3',
  area: 'events',
  summary: 'A store tells what changed',
  description: "S3's notification format, as MinIO, Versity and others send it. An empty body and a test event are answered, and do nothing.",
  access: 'events',
  // Read as the replayer will, which knows more than a schema can say.
  body: storeNotification,
  ownCheck: true,
  answers: {
    200: { description: 'Nothing of it concerns any route.', json: accepted },
    202: { description: 'It is queued.', json: accepted },
  },
  async handle({ text: body }, runtime) {
    // Some stores send nothing, to see whether somebody listens.
    if (body.trim() === '') return { status: 200, body: { accepted: 0, skipped: 0 } };
    // What the replayer would take for something else must not come in by this door.
    const message = parseMessage(body);
    if (message.kind === 'test') return { status: 200, body: { accepted: 0, skipped: 1 } };
    if (message.kind === 'malformed') throw badRequest([{ field: fieldOf(message.reason), message: message.reason, fix: FIX }]);
    if (message.kind === 'look') throw badRequest([{ field: 'type', message: 'this is no notification of a store', fix: FIX }]);
    const wanted = message.changes.filter((change) => isWanted(runtime, change));
    const skipped = message.skipped.length + message.changes.length - wanted.length;
    // A store tells us of our own probes, too.
    const alien = message.changes.some((change) => !isProbe(change.change.key) && !wanted.includes(change));
    if (alien) runtime.log.warn('events of buckets or keys that no route carries were skipped', { skipped });
    if (wanted.length === 0) return { status: 200, body: { accepted: 0, skipped } };
    await runtime.queue.send([{ body }]);
    return { status: 202, body: { accepted: wanted.length, skipped } };
  },
});

function isWanted({ routes, regionsOf }: Runtime, { bucket, awsRegion, change }: BucketChange): boolean {
  const regions = regionsOf(bucket, awsRegion);
  return routes.some((route) => sidesIn(route, regions).length > 0 && carries(route, change.key));
}

/** A reason begins with the path of what is wrong, where it has one. */
function fieldOf(reason: string): string {
  return /^(Records(?:\[\d+\](?:\.\w+)*)?|type)/.exec(reason)?.[1] ?? 'body';
}
