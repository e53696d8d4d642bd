import type { TidemarkConfig } from '../../config/config.ts';
import { deploymentsOf, stackName } from '../deployment.ts';
import type { Outputs } from './cdk.ts';

/** What the removal of the stacks leaves, and where it is. Pure. */
export function whatStays(config: TidemarkConfig, outputs: Outputs): string {
  const lines = deploymentsOf(config).flatMap(({ region }) => {
    const { TableName, DeadLetterUrl } = outputs[stackName(config, region.name)] ?? {};
    return [
      `  ${region.awsRegion}  bucket ${region.bucket}`,
      ...(TableName === undefined ? [] : [`  ${region.awsRegion}  table ${TableName}`]),
      ...(DeadLetterUrl === undefined ? [] : [`  ${region.awsRegion}  queue ${DeadLetterUrl}`]),
    ];
  });
  return ['These stay, with all that is in them; docs/deploy.md says how to take them up again or remove them:', ...lines, ''].join('\n');
}
