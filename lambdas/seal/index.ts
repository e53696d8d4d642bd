/** The function that signs the ends of audit trails: the gateway's, and that of the stack. */
import { canonicalJson } from '../../lib/adapters/system/canonical-json.ts';
import { awsGateway } from '../shared/aws-gateway.ts';
import { auditHeads } from '../shared/aws-heads.ts';
import { awsReports } from '../shared/aws-reports.ts';
import { awsRuntime } from '../shared/aws-runtime.ts';
import { makeSealHandler, type SealHandler } from './handler.ts';

const { told, shared, clock, log } = awsGateway('seal');
const { stack, auditStore } = awsRuntime('seal');
const { signer } = awsReports();
const common = { signer, clock, canonical: canonicalJson };

export const handler: SealHandler = makeSealHandler(
  {
    gateway: { ...common, store: shared.audit, heads: auditHeads(told, process.env) },
    [stack]: { ...common, store: auditStore, heads: auditHeads(told, process.env, stack) },
  },
  log,
);
