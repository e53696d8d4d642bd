/** Which addresses may be signed: for what, below which prefix, for how long (B4). Pure. */

export type SignedOp = 'get' | 'put';

export interface SigningRules {
  /** Where nobody says, seconds. */
  readonly expiresSec: number;
  readonly maxExpiresSec: number;
  /** Of those whose prefix fits the longest counts; without any, everything may be signed. */
  readonly rules: readonly { readonly prefix: string; readonly allow: readonly SignedOp[]; readonly maxExpiresSec?: number }[];
}

export type Grant = { readonly expiresSec: number } | { readonly field: 'op' | 'expiresSec'; readonly problem: string; readonly fix: string };

/** @returns for how long the address is good, or what stands against it */
export function grant({ expiresSec: usual, maxExpiresSec, rules }: SigningRules, op: SignedOp, key: string, asked?: number): Grant {
  const fitting = rules.filter(({ prefix }) => key.startsWith(prefix));
  const rule = fitting.reduce<(typeof fitting)[number] | undefined>(
    (best, each) => (best && best.prefix.length >= each.prefix.length ? best : each),
    undefined,
  );
  if (rules.length > 0 && !rule?.allow.includes(op)) {
    const where = rule ? `below ${JSON.stringify(rule.prefix)}` : 'outside the prefixes of the rules';
    return { field: 'op', problem: `no address to ${op} is signed ${where}`, fix: 'See gateway.signing.rules in the configuration.' };
  }
  const most = Math.min(maxExpiresSec, rule?.maxExpiresSec ?? maxExpiresSec);
  const expiresSec = asked ?? Math.min(usual, most);
  if (expiresSec <= most) return { expiresSec };
  return { field: 'expiresSec', problem: `an address is good for ${most} seconds at most here`, fix: `Give ${most} or less.` };
}
