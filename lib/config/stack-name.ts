import type { TidemarkConfig } from './config.ts';

/** Of the stack on AWS that serves a region. */
export function stackName({ name }: Pick<TidemarkConfig, 'name'>, region: string): string {
  return `${name}-${region}`;
}
