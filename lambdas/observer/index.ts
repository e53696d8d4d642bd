/** The function of a gateway's observer, in either of its regions. */
import { onceTold } from '../../lib/usecases/gateway/once-told.ts';
import { probeRound } from '../../lib/usecases/gateway/probe-round.ts';
import { lastCrossing, measureWatermark } from '../../lib/usecases/gateway/watermark.ts';
import { awayRuntime, toldWatermark } from '../shared/aws-away.ts';
import { awsGateway } from '../shared/aws-gateway.ts';
import { awsRuntime } from '../shared/aws-runtime.ts';
import { publishGateway } from '../shared/gateway-metrics.ts';
import { makeObserverHandler, type ObserverHandler } from './handler.ts';

const gateway = awsGateway('observer');
const { told, control, clock, log } = gateway;
const { name: route, from } = told.config.gateway.route;
const isHome = told.here === from;
const { index, admin, queue } = isHome ? awsRuntime('observer') : awayRuntime(gateway);
const measure = () => (isHome ? measureWatermark({ index, admin, clock }, route) : toldWatermark(gateway));
const { failover } = gateway.open(queue, measure);

/** The stack where the route starts is made last; the other observer waits for it. */
const begun = isHome ? async () => true : onceTold(control, route);

export const handler: ObserverHandler = makeObserverHandler({
  clock,
  log,
  look: async () => ((await begun()) ? probeRound({ ...failover, observer: { name: told.here, sits: told.here } }) : null),
  // Only where the route starts is known how far it is.
  publish: async () => {
    if (isHome) await control.putWatermark(await measure());
  },
  tell: async ({ record }) => {
    const [state, crossing] = await Promise.all([control.observer(told.here), lastCrossing({ control, clock }, route)]);
    if (state) publishGateway(told.stack, failover.authority.deps.rules, { record, state, watermarkAgeMs: crossing?.ageMs ?? null }, clock.now());
  },
});
