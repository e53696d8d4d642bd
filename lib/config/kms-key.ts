import * as z from 'zod';
import { rule } from './field-problems.ts';

/** A key's alias may be pointed at another key, which the granted permissions would not cover. */
export const kmsKeyArn = rule(
  z.string(),
  (arn) => /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/.test(arn),
  'this is no ARN of a KMS key',
  'Give it as "arn:aws:kms:eu-west-1:111122223333:key/…"; an alias does not do.',
);

/** @param arn one that kmsKeyArn takes @returns as AWS names it: eu-west-1 */
export function regionOfKey(arn: string): string {
  return arn.split(':')[3] ?? '';
}
