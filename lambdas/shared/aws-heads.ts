/** Where the functions of a gateway find the signed heads of an audit trail. */
import { S3AuditHeads } from '../../lib/adapters/s3/audit-heads.ts';
import { createS3Region } from '../../lib/adapters/s3/index.ts';
import type { GatewayEnv } from '../../lib/config/gateway-env.ts';
import { headsRegion } from '../../lib/config/gateway-places.ts';
import { type Environment, variable } from '../../lib/config/variable.ts';

/** The chain in the control table: no stack is called so, since a stack's name has a hyphen. */
const GATEWAY_CHAIN = 'gateway';

/** @param chain the stack whose table holds it. @default that of the control table */
export function auditHeads({ config, headsBucket }: GatewayEnv, env: Environment, chain: string = GATEWAY_CHAIN): S3AuditHeads {
  const endpoint = variable(env, 'AWS_ENDPOINT_URL_S3') ?? variable(env, 'AWS_ENDPOINT_URL');
  const region = createS3Region({ region: headsRegion(config).awsRegion, ...(endpoint === undefined ? {} : { endpoint }) });
  return new S3AuditHeads(region.bucket(headsBucket), chain);
}
