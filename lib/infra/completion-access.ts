import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { TidemarkConfig } from '../config/config.ts';

/** What ended is put on the bus that the configuration names, of the stack's own region. */
export function tellCompletions(stack: Stack, { completions }: TidemarkConfig): readonly PolicyStatement[] {
  if (!completions?.eventBridge) return [];
  const { busName = 'default' } = completions.eventBridge;
  const bus = stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: busName });
  return [new PolicyStatement({ sid: 'TellCompletions', actions: ['events:PutEvents'], resources: [bus] })];
}
