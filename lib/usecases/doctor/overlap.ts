/** Which rules of a bucket speak of the same changes. Pure. */
import type { NotificationRule } from '../../ports/diagnosis.ts';

/** What must be told of, or a change or a delete is found by comparing the listings alone. */
export const NEEDED = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] as const;

/** True when every change below the prefix is told by one of the rules. */
export function covers(rules: readonly NotificationRule[], prefix: string): boolean {
  return NEEDED.every((event) => rules.some((rule) => rule.suffix === '' && prefix.startsWith(rule.prefix) && rule.events.includes(event)));
}

export function overlap(a: NotificationRule, b: NotificationRule): boolean {
  const events = a.events.some((one) => b.events.some((other) => meets(one, other)));
  return events && (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)) && (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix));
}

/** `s3:ObjectCreated:*` is also told of `s3:ObjectCreated:Put`. */
function meets(a: string, b: string): boolean {
  const [one, other] = [a.replace(/\*$/, ''), b.replace(/\*$/, '')];
  return a === b || (a.endsWith('*') && other.startsWith(one)) || (b.endsWith('*') && one.startsWith(other));
}
