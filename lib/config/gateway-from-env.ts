/** The gateway of people who write no configuration: by ACTIVE_REGION, FAILOVER_MODE and PRESIGN_EXPIRES (B4, B6). */
import type { FieldProblem } from './field-problems.ts';
import type { GatewayInput } from './gateway-input.ts';
import { type Environment, variable } from './variable.ts';

const REGIONS = ['primary', 'secondary'];
const MODES = ['auto', 'manual'] as const;
const WEEK_SEC = 7 * 86_400;

/** @param wanted also where no variable asks for it. @returns undefined: no gateway */
export function gatewayFromEnv(env: Environment, wanted: boolean, problems: FieldProblem[]): GatewayInput | undefined {
  const [first, mode, expires] = [variable(env, 'ACTIVE_REGION'), variable(env, 'FAILOVER_MODE'), variable(env, 'PRESIGN_EXPIRES')];
  if (!wanted && first === undefined && mode === undefined && expires === undefined) return undefined;
  if (first !== undefined && !REGIONS.includes(first)) {
    problems.push({ field: 'ACTIVE_REGION', message: 'expected primary or secondary', fix: 'Set it to the region that is written at first.' });
  }
  const known = MODES.find((each) => each === mode);
  if (mode !== undefined && known === undefined) {
    problems.push({
      field: 'FAILOVER_MODE',
      message: 'expected auto or manual',
      fix: 'Set it to auto to switch after three failed probes, to manual to never switch by itself.',
    });
  }
  const expiresSec = expires === undefined ? undefined : Number(expires);
  if (expiresSec !== undefined && !(Number.isInteger(expiresSec) && expiresSec >= 1 && expiresSec <= WEEK_SEC)) {
    problems.push({ field: 'PRESIGN_EXPIRES', message: 'expected whole seconds, from 1 to 604800', fix: 'Set it to 900, or leave it out.' });
  }
  return {
    ...(first === undefined ? {} : { first }),
    ...(known === undefined ? {} : { mode: known }),
    ...(expiresSec === undefined ? {} : { signing: { expiresSec } }),
  };
}
