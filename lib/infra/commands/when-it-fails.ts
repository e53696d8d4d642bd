import type { TidemarkConfig } from '../../config/config.ts';
import { deploymentsOf } from '../deployment.ts';

/** What a failed deploy may mean that CloudFormation does not say. Pure. @returns nothing where no bucket is to be made */
export function whenItFails(config: TidemarkConfig): string {
  const made = deploymentsOf(config).flatMap(({ region }) => (region.create ? [region] : []));
  if (made.length === 0) return '';
  return [
    'A bucket that is there already cannot be made: CloudFormation then tells of a failed validation, or of a name that exists.',
    'Where a former stack left it, or it was always yours, write it as existing:',
    ...made.map(({ name, bucket }) => `  ${name}: { bucket: { existing: '${bucket}' }, … }`),
    '',
  ].join('\n');
}
