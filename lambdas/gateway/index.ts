/** The function of the gateway's HTTP API, in either of its regions. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { OldestMessage } from '../../lib/adapters/cloudwatch/oldest-message.ts';
import { measureWatermark } from '../../lib/usecases/gateway/watermark.ts';
import { GATEWAY_ENDPOINTS } from '../api/endpoints.ts';
import { type ApiHandler, makeApiHandler } from '../api/handler.ts';
import { MAX_ANSWER_BYTES } from '../api/whole-bytes.ts';
import { awayRuntime, toldWatermark } from '../shared/aws-away.ts';
import { awsGateway } from '../shared/aws-gateway.ts';
import { awsReports } from '../shared/aws-reports.ts';
import { awsRuntime } from '../shared/aws-runtime.ts';
import { TIMEOUTS } from '../shared/aws-timeouts.ts';
import { countAnswer } from '../shared/gateway-metrics.ts';
import type { Runtime } from '../shared/runtime.ts';

/** Lambda takes 6 MB, of which base64 takes a third. */
const MAX_BYTES = { put: MAX_ANSWER_BYTES, get: MAX_ANSWER_BYTES };

const gateway = awsGateway('gateway');
const { told, trail, ends, clock } = gateway;
const isHome = told.here === told.config.gateway.route.from;
const runtime: Omit<Runtime, 'gateway'> = isHome ? atHome() : awayRuntime(gateway);
const { index, admin } = runtime;
const measure = () => (isHome ? measureWatermark({ index, admin, clock }, told.config.gateway.route.name) : toldWatermark(gateway));
const answer = makeApiHandler({ ...runtime, gateway: { ...gateway.open(runtime.queue, measure), maxBytes: MAX_BYTES } }, GATEWAY_ENDPOINTS);

function atHome(): Omit<Runtime, 'gateway'> {
  const oldest = new OldestMessage(new CloudWatchClient({ requestHandler: TIMEOUTS }), clock);
  return { ...awsRuntime('gateway', oldest), ...awsReports(), ...trail, store: ends.store };
}

export const handler: ApiHandler = async (event, context) => {
  const answered = await answer(event, context);
  countAnswer(told.stack, answered.headers ?? {}, clock.now());
  return answered;
};
