/** How the stacks tell the functions of the gateway what they work with, beside or instead of function-env.ts. */
import { TidemarkError } from '../core/errors.ts';
import type { GatewayConfig, TidemarkConfig } from './config.ts';
import { MAX_CONFIG_BYTES } from './function-env.ts';
import { type Environment, variable } from './variable.ts';

export interface GatewayEnv {
  /** With its gateway, the gateway's route and its two regions. */
  readonly config: TidemarkConfig & { readonly gateway: GatewayConfig };
  /** By which its metrics are told apart from those of the other region. */
  readonly stack: string;
  /** The region that the function runs in, as the configuration names it. */
  readonly here: string;
  /** The bucket of the signed heads of audit trails. */
  readonly headsBucket: string;
  /** Hands looks on to the region that the route starts in; for functions elsewhere. */
  readonly topicArn?: string;
}

const NAMES = {
  config: 'TIDEMARK_CONFIG',
  stack: 'TIDEMARK_STACK',
  here: 'TIDEMARK_REGION',
  headsBucket: 'TIDEMARK_AUDIT_HEADS_BUCKET',
  topicArn: 'TIDEMARK_TOPIC_ARN',
} as const satisfies Record<keyof GatewayEnv, string>;

/** @throws TidemarkError INVALID_CONFIG when the configuration is larger than a function's environment holds */
export function gatewayEnv({ config, stack, here, headsBucket, topicArn }: GatewayEnv): Record<string, string> {
  const text = JSON.stringify(config);
  const size = Buffer.byteLength(text, 'utf8');
  if (size > MAX_CONFIG_BYTES) {
    throw new TidemarkError(
      'INVALID_CONFIG',
      `gateway: its configuration takes ${size} bytes, and a function's environment holds ${MAX_CONFIG_BYTES}. Let gateway.signing.rules be fewer, or their prefixes shorter.`,
      { size },
    );
  }
  return {
    [NAMES.config]: text,
    [NAMES.stack]: stack,
    [NAMES.here]: here,
    [NAMES.headsBucket]: headsBucket,
    ...(topicArn === undefined ? {} : { [NAMES.topicArn]: topicArn }),
  };
}

/** What gatewayEnv wrote. @throws TidemarkError INVALID_CONFIG that names the variable which is missing */
export function readGatewayEnv(env: Environment): GatewayEnv {
  const read = (field: keyof GatewayEnv): string => {
    const value = variable(env, NAMES[field]);
    if (value !== undefined) return value;
    throw new TidemarkError('INVALID_CONFIG', `${NAMES[field]}: not set. Deploy the stack again: it sets what its functions need.`);
  };
  // Checked when the stack was made from it.
  const config: GatewayEnv['config'] = JSON.parse(read('config'));
  const topicArn = variable(env, NAMES.topicArn);
  return { config, stack: read('stack'), here: read('here'), headsBucket: read('headsBucket'), ...(topicArn === undefined ? {} : { topicArn }) };
}
