import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { TidemarkConfig } from '../config/config.ts';
import { CONTROL, controlPlace } from '../config/gateway-places.ts';
import { stackName } from '../config/stack-name.ts';
import { TidemarkError } from '../core/errors.ts';
import type { Route } from '../core/routes/route.ts';
import { deploymentsOf, type GatewayDeployment, type RegionDeployment } from './deployment.ts';
import type { AwsSettings } from './settings.ts';
import { ControlStack } from './stacks/control-stack.ts';
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
    // A bucket that others own and whose changes nobody carries needs nothing made.
    if (deployment.routes.length === 0 && deployment.returning.length === 0 && !create) continue;
    refuseLonelyQueue(deployment, settings);
    const id = stackName(config, name);
    stacks.set(name, new RegionStack(app, id, { env: { region }, deployment, settings, description: `Tidemark: region ${name}` }));
  }
  destinationsFirst(deployments, stacks);
  const gateway = deployments.find((deployment) => deployment.gateway)?.gateway;
  if (gateway) controlFirst(app, gateway, config, stacks);
  Tags.of(app).add('application', config.name);
  return app;
}

/** What the gateway's regions share is there before them, and goes after them. @throws TidemarkError INVALID_CONFIG */
function controlFirst(app: App, { config, route }: GatewayDeployment, { regions }: TidemarkConfig, stacks: ReadonlyMap<string, RegionStack>): void {
  if (regions[CONTROL]) {
    const message = `regions.${CONTROL}: the stack of what the gateway's regions share is called so. Give that region another name.`;
    throw new TidemarkError('INVALID_CONFIG', message, { region: CONTROL });
  }
  const { awsRegion: region, stack, tableName } = controlPlace(config);
  const control = new ControlStack(app, stack, { env: { region }, tableName, description: 'Tidemark: what the gateway decides by' });
  for (const end of [route.from, route.to]) stacks.get(end)?.addStackDependency(control);
}

/**
 * Nothing is told of before there is a place to copy it to; on removal, the destination goes last. Routes of disjoint prefixes may
 * form a circle, which stacks may not: its last stack waits for nobody.
 */
function destinationsFirst(deployments: readonly RegionDeployment[], stacks: ReadonlyMap<string, RegionStack>): void {
  const routes = deployments.flatMap((deployment) => deployment.routes);
  // These must be so: what hears of a topic is made after it.
  for (const route of [...routes.filter(({ bidirectional }) => bidirectional), ...routes.filter(({ bidirectional }) => !bidirectional)]) {
    const [source, destination] = [stacks.get(route.from), stacks.get(route.to)];
    if (!source || !destination) continue;
    if (!waitsFor(destination, source)) source.addStackDependency(destination);
    else if (route.bidirectional) throw refusedCircle(route);
  }
}

function refusedCircle({ name, from, to }: Route): TidemarkError {
  const message = `routes: ${name} and others that are bidirectional start in each other's regions, and no stack could be made first. Let ${name} be from ${to} to ${from}.`;
  return new TidemarkError('INVALID_CONFIG', message, { route: name });
}

/** Its owner would have to tell a topic, and a queue hears of one bucket alone. */
function refuseLonelyQueue({ region, returning }: RegionDeployment, { buckets }: AwsSettings): void {
  if (returning.length === 0 || region.create || buckets[region.name]?.events !== 'sqs') return;
  const message = `buckets.${region.name}.events: a bidirectional route ends here, which queues of several regions may hear. Leave it out, and its bucket tells EventBridge.`;
  throw new TidemarkError('INVALID_CONFIG', message, { region: region.name });
}

function waitsFor(stack: RegionStack['dependencies'][number], other: RegionStack): boolean {
  return stack.dependencies.some((dependency) => dependency === other || waitsFor(dependency, other));
}
