/** The function of a gateway's observer, in either of its regions. */
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

/**
 * A stack is made after the one of the region that its route leads to: until it is, its bucket may not be there, and its region must not be
 * condemned for that. Once it is, its own observer tells how far the route is.
 */
let hasBegun = isHome;
async function begun(): Promise<boolean> {
  hasBegun ||= (await control.watermarks()).some((watermark) => watermark.route === route);
  return hasBegun;
}

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
