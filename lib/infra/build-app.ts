import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { TidemarkConfig } from '../config/config.ts';
import { stackName } from '../config/stack-name.ts';
import { deploymentsOf, type RegionDeployment } from './deployment.ts';
import type { AwsSettings } from './settings.ts';
import { RegionStack } from './stacks/region-stack.ts';

export interface BuildAppOptions {
  readonly config: TidemarkConfig;
  readonly settings: AwsSettings;
  /** @default as the CDK CLI says, or a temporary folder */
  readonly outdir?: string;
  /** @default as the CDK CLI says */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** One stack for each region on AWS. A rule of cdk-nag that is broken without a reason ends the synthesis. @throws TidemarkError INVALID_CONFIG */
export function buildApp({ config, settings, outdir, context }: BuildAppOptions): App {
  const app = new App({ ...(outdir === undefined ? {} : { outdir }), ...(context === undefined ? {} : { context }) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const deployments = deploymentsOf(config);
  const stacks = new Map<string, RegionStack>();
  for (const deployment of deployments) {
    const { awsRegion: region, name, create } = deployment.region;
    // A bucket that others own and nothing starts from needs nothing made.
    if (deployment.routes.length === 0 && !create) continue;
    const id = stackName(config, name);
    stacks.set(name, new RegionStack(app, id, { env: { region }, deployment, settings, description: `Tidemark: region ${name}` }));
  }
  destinationsFirst(deployments, stacks);
  Tags.of(app).add('application', config.name);
  return app;
}

/**
 * Nothing is told of before there is a place to copy it to; on removal, the destination goes last. Routes of disjoint prefixes may
 * form a circle, which stacks may not: its last stack waits for nobody.
 */
function destinationsFirst(deployments: readonly RegionDeployment[], stacks: ReadonlyMap<string, RegionStack>): void {
  for (const { region, routes } of deployments) {
    const source = stacks.get(region.name);
    for (const { to } of routes) {
      const destination = stacks.get(to);
      if (source && destination && !waitsFor(destination, source)) source.addStackDependency(destination);
    }
  }
}

function waitsFor(stack: RegionStack['dependencies'][number], other: RegionStack): boolean {
  return stack.dependencies.some((dependency) => dependency === other || waitsFor(dependency, other));
}
