/** The runtime of a gateway's function in the region that its route does not start in: records, queues and reports lie in the other. */
import { SNSClient } from '@aws-sdk/client-sns';
import { TopicQueue } from '../../lib/adapters/sns/topic-queue.ts';
import { SqliteSorter } from '../../lib/adapters/sqlite/sorter.ts';
import { premisesOf } from '../../lib/config/premises.ts';
import { regionsOf } from '../../lib/config/regions-of.ts';
import { TidemarkError } from '../../lib/core/errors.ts';
import type { Watermark } from '../../lib/core/gateway/watermark.ts';
import { linkOnce } from '../../lib/usecases/link-once.ts';
import { Pace } from '../../lib/usecases/pace.ts';
import { NO_REPORTS, NO_WORKFLOW } from './aws-absent.ts';
import type { AwsGateway } from './aws-gateway.ts';
import { TIMEOUTS } from './aws-timeouts.ts';
import type { Runtime } from './runtime.ts';

/** So old may be what the route's own region told last of how far it is, ms: it does so every quarter of a minute. */
const TOLD_WITHIN_MS = 60_000;

/** How far the route is, as its own region told last. @throws TidemarkError UNAVAILABLE where that is long ago */
export async function toldWatermark({ control, clock, told }: Pick<AwsGateway, 'control' | 'clock' | 'told'>): Promise<Watermark> {
  const { name, from } = told.config.gateway.route;
  const found = (await control.watermarks()).find(({ route }) => route === name);
  if (found && clock.now() - found.at <= TOLD_WITHIN_MS) return found;
  const since = found ? `for ${Math.round((clock.now() - found.at) / 1000)} s` : 'yet';
  throw new TidemarkError('UNAVAILABLE', `region ${from}, where the route starts, has not told ${since} how far it is`, { region: from });
}

/**
 * Of records it has the control table's, which has none of the route: a key is told of by what both regions hold.
 * Whoever asks for more than the gateway's endpoints do is at fault.
 */
export function awayRuntime({ told, clock, ids, log, ends, trail, shared }: AwsGateway): Omit<Runtime, 'gateway'> {
  const { config, topicArn = '' } = told;
  const { from } = config.gateway.route;
  const elsewhere = async (): Promise<never> => {
    throw new TidemarkError('UNAVAILABLE', `this is known in region ${from} alone, where the route starts: ask the gateway there`, { region: from });
  };
  const topic = new TopicQueue(new SNSClient({ requestHandler: TIMEOUTS }), topicArn);
  return {
    config,
    routes: config.routes,
    state: shared.state,
    index: shared.index,
    recordPages: { page: elsewhere },
    deletes: shared.deletes,
    pauses: shared.pauses,
    backfills: shared.backfills,
    tally: shared.backfills,
    pace: new Pace(clock),
    queue: { send: (messages) => topic.send(messages), delay: elsewhere, park: elsewhere },
    admin: { stats: elsewhere, redrive: elsewhere },
    clock,
    ids,
    sorter: new SqliteSorter(),
    ...NO_REPORTS,
    signer: { ...NO_REPORTS.signer, publicKey: elsewhere },
    workflow: NO_WORKFLOW,
    premises: premisesOf(config, true),
    schedules: [],
    ...trail,
    log,
    store: (region) => ends.store(region),
    link: linkOnce(ends),
    regionsOf: (bucket) => regionsOf(config, bucket),
  };
}
