import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { SnsTopic, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { type FunctionEnv, functionEnv } from '../../config/function-env.ts';
import { headsRegion } from '../../config/gateway-places.ts';
import { schedulesOf } from '../../config/schedules.ts';
import { stackName } from '../../config/stack-name.ts';
import { TidemarkError } from '../../core/errors.ts';
import { acknowledge } from '../acknowledge.ts';
import { alarmSpecs } from '../alarm-specs.ts';
import { tellCompletions } from '../completion-access.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { Alarms } from '../constructs/alarms.ts';
import { API_TIMEOUT_SEC, Api } from '../constructs/api.ts';
import { AuditHeadsBucket, auditHeadsBucketName } from '../constructs/audit-heads-bucket.ts';
import { BackfillMachine, STEP_TIMEOUT } from '../constructs/backfill-machine.ts';
import { ChangeTopic, HearTopic, topicName } from '../constructs/change-topic.ts';
import { DeadLetterFunction } from '../constructs/dead-letter-function.ts';
import { ExistingBucketEvents } from '../constructs/existing-bucket-events.ts';
import { OperationsDashboard } from '../constructs/operations-dashboard.ts';
import { type GatewayHome, RegionGateway } from '../constructs/region-gateway.ts';
import { ReplayFunction, sharedThrottle } from '../constructs/replay-function.ts';
import { ReplayQueues } from '../constructs/replay-queues.ts';
import { ReplicatedBucket } from '../constructs/replicated-bucket.ts';
import { ReportStore } from '../constructs/report-store.ts';
import { StateTable } from '../constructs/state-table.ts';
import { SweepFunction } from '../constructs/sweep-function.ts';
import type { RegionDeployment } from '../deployment.ts';
import { objectAccess } from '../object-access.ts';
import { countMessages, park, redrive, sendWork, tellAges } from '../queue-access.ts';
import { type AwsSettings, DEFAULT_BUCKET } from '../settings.ts';
import { letStoreSend } from '../store-events.ts';
import type { Watched } from '../watched.ts';

export interface RegionStackProps extends StackProps {
  readonly deployment: RegionDeployment;
  readonly settings: AwsSettings;
}

/** A function that is about to be stopped still needs time to write down why. */
const MARGIN_SEC = 5;

/**
 * One region's part: its bucket, and all that its routes need where any starts in it. Beside its own region it calls the
 * destinations' S3 alone, so that no other region's trouble is its own.
 */
export class RegionStack extends Stack {
  readonly #deployment: RegionDeployment;
  readonly #settings: AwsSettings;
  #alarmTopic: ITopic | undefined;

  constructor(scope: Construct, id: string, { deployment, settings, ...props }: RegionStackProps) {
    super(scope, id, props);
    this.#deployment = deployment;
    this.#settings = settings;
    const { region, routes, returning } = deployment;
    this.#output('BucketName', region.bucket);
    const topic = returning.length > 0 ? new ChangeTopic(this, 'Changes') : null;
    if (topic) this.#output('TopicArn', topic.topic.topicArn);
    this.#keepHeads();
    if (routes.length === 0) {
      this.#tell(topic);
      this.#serve(topic);
      return;
    }
    const queues = new ReplayQueues(this, 'Queues', { timeout: Duration.seconds(settings.replay.timeoutSec) });
    this.#tell(topic ?? queues);
    if (topic) new HearTopic(this, 'HearChanges', { topicArn: topic.topic.topicArn, awsRegion: this.region, events: queues.events });
    this.#hearOthers(queues);
    this.#work(queues, new StateTable(this, 'State'), topic);
  }

  /** Signed heads of audit trails lie in one of the gateway's regions. */
  #keepHeads(): void {
    const { gateway, region } = this.#deployment;
    if (!gateway || headsRegion(gateway.config).name !== region.name) return;
    const { bucket } = new AuditHeadsBucket(this, 'AuditHeads', { bucketName: auditHeadsBucketName(gateway.config.name) });
    this.#output('AuditHeadsBucketName', bucket.bucketName);
  }

  #serve(topic: ChangeTopic | null, home?: GatewayHome): void {
    const { gateway: deployment } = this.#deployment;
    if (!deployment) return;
    const hears = home || !topic ? {} : { topic: topic.topic };
    const gateway = new RegionGateway(this, 'Gateway', {
      deployment,
      settings: this.#settings,
      ...(home ? { home } : {}),
      ...hears,
      told: this.#topic(),
    });
    this.#output('GatewayUrl', gateway.api.url);
    this.#output('GatewayFunctionName', gateway.api.fn.functionName);
    this.#output('ObserverFunctionName', gateway.observer.fn.functionName);
    if (gateway.seal) this.#output('SealFunctionName', gateway.seal.fn.functionName);
  }

  /** The region's bucket tells of what is written in it; to nobody where no route carries that. */
  #tell(listener: ReplayQueues | ChangeTopic | null): void {
    const { region, routes, returning } = this.#deployment;
    const { events, account = this.account, kmsKeyArn } = this.#settings.buckets[region.name] ?? DEFAULT_BUCKET;
    const prefixes = [...routes, ...returning].map(({ prefix }) => prefix);
    const queues = listener instanceof ReplayQueues ? listener : null;
    const topic = listener instanceof ChangeTopic ? listener : null;
    if (region.create) {
      const listening = queues?.events ?? topic;
      new ReplicatedBucket(this, 'Bucket', {
        bucketName: region.bucket,
        ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
        ...(listening ? { events: listening, prefixes } : {}),
      });
      return;
    }
    if (queues && events === 'sqs') letStoreSend(queues.events, region.bucket, account);
    if (events === 'sqs') return;
    if (queues) {
      const target = new SqsQueue(queues.events, { deadLetterQueue: queues.abandoned });
      new ExistingBucketEvents(this, 'BucketEvents', { bucketName: region.bucket, target, prefixes });
    }
    if (topic) new ExistingBucketEvents(this, 'BucketEvents', { bucketName: region.bucket, target: new SnsTopic(topic.topic), prefixes });
  }

  /** What users write where a bidirectional route ends is worked off where it starts: there is one record a key, and it is here. */
  #hearOthers(queues: ReplayQueues): void {
    const { routes, config } = this.#deployment;
    const others = new Set(routes.filter(({ bidirectional }) => bidirectional).map(({ to }) => to));
    for (const name of others) {
      const other = config.regions[name];
      if (other?.kind !== 's3') throw new TypeError(`region ${name} has no bucket`);
      const { awsRegion } = other;
      const topicArn = this.formatArn({ service: 'sns', region: awsRegion, resource: topicName(stackName(config, name)) });
      new HearTopic(this, `Hear-${name}`, { topicArn, awsRegion, events: queues.events });
    }
  }

  #work(queues: ReplayQueues, state: StateTable, topic: ChangeTopic | null): void {
    const { replay, logRetentionDays, tracing, jwt, reconcileHours } = this.#settings;
    const common = { logRetention: logRetentionDays, tracing };
    const reconcileSec = reconcileHours * 3600;
    const environment = (timeoutSec: number): Record<string, string> => this.#environment(queues, state, timeoutSec);
    const objects = objectAccess(this, this.#deployment, this.#settings);
    const completions = tellCompletions(this, this.#deployment.config);

    const replayFunction = new ReplayFunction(this, 'Replay', {
      ...common,
      queues,
      replay,
      environment: environment(replay.timeoutSec),
      statements: [state.keepRecords(), state.findWork(), sendWork(queues), park(queues), ...objects.statements, ...completions],
    });
    const deadLetterFunction = new DeadLetterFunction(this, 'DeadLetters', {
      ...common,
      abandoned: queues.abandoned,
      environment: environment(replay.timeoutSec),
      statements: [state.keepRecords(), park(queues)],
    });
    const sweepFunction = new SweepFunction(this, 'Sweep', {
      ...common,
      environment: this.#environment(queues, state, replay.timeoutSec, { reconcileSec }),
      statements: [
        state.findDue(),
        state.readPauses(),
        state.tellHowFar(),
        state.expectComparisons(),
        sendWork(queues),
        countMessages(queues),
        ...objects.canaries,
      ],
    });
    const reports = new ReportStore(this, 'Reports');
    const backfill = new BackfillMachine(this, 'Backfill', {
      ...common,
      environmentOf: (backfillMachineArn) =>
        this.#environment(queues, state, STEP_TIMEOUT.toSeconds(), {
          backfillMachineArn,
          ...reports.environment,
          reconcileSec,
        }),
      statements: [
        ...[state.keepRecords(), state.readMany(), sendWork(queues), countMessages(queues)],
        ...[...objects.comparing, ...reports.read(), ...reports.write()],
      ],
    });
    const api = new Api(this, 'Api', {
      ...common,
      handler: 'api',
      description: 'answers the HTTP API',
      rateLimit: 100,
      ...(jwt ? { jwt } : {}),
      environment: this.#environment(queues, state, API_TIMEOUT_SEC, { backfillMachineArn: backfill.arn, ...reports.environment, reconcileSec }),
      statements: [
        ...backfill.run(),
        ...reports.read(),
        ...[state.keepRecords(), state.findWork(), state.resumeDeletes(), sendWork(queues), countMessages(queues), tellAges(), redrive(queues)],
        // POST /replay/run replays in the call itself.
        ...objects.statements,
        ...objects.restoring,
        ...completions,
      ],
    });
    for (const owner of [api, backfill]) {
      acknowledge(owner, `AwsSolutions-IAM5[Resource::<${reports.logicalId}.Arn>/*]`, 'Reports: their names are not known before.');
    }
    backfill.acknowledgeExecutions(api);
    acknowledge(api, 'AwsSolutions-IAM5[Resource::*]', 'CloudWatch has no resources to name; the one action reads metrics.');
    for (const wildcard of objects.wildcards) {
      for (const owner of [replayFunction, api, backfill, ...(objects.canaries.length > 0 ? [sweepFunction] : [])]) {
        acknowledge(
          owner,
          `AwsSolutions-IAM5[Resource::${wildcard}]`,
          'Objects below the prefix of a route, or of the probes: their keys are not known before.',
        );
      }
    }
    this.#watch({
      stack: this.stackName,
      routes: this.#deployment.routes.map(({ name }) => name),
      canaries: objects.canaries.length > 0,
      schedules: schedulesOf(this.#deployment.config, reconcileSec),
      queues,
      replay: replayFunction.fn,
      replayMemoryMb: replay.memoryMb,
      table: state.table,
    });
    if (this.#deployment.gateway) {
      this.#serve(topic, { queues, state, reports, environment: this.#environment(queues, state, API_TIMEOUT_SEC, reports.environment) });
    }
    this.#output('ApiUrl', api.url);
    this.#output('EventsQueueUrl', queues.events.queueUrl);
    this.#output('EventsQueueArn', queues.events.queueArn);
    this.#output('WorkQueueUrl', queues.work.queueUrl);
    this.#output('DeadLetterUrl', queues.deadLetters.queueUrl);
    this.#output('TableName', state.table.tableName);
    this.#output('ReplayFunctionName', replayFunction.fn.functionName);
    this.#output('DeadLetterFunctionName', deadLetterFunction.fn.functionName);
    this.#output('ApiFunctionName', api.fn.functionName);
    this.#output('BackfillMachineArn', backfill.arn);
    this.#output('StepFunctionName', backfill.fn.functionName);
    this.#output('ReportsBucketName', reports.bucket.bucketName);
    this.#output('ReportKeyArn', reports.key.keyArn);
  }

  #watch(watched: Watched): void {
    const { alarms } = new Alarms(this, 'Alarms', { specs: alarmSpecs(watched), ...this.#topic() });
    new OperationsDashboard(this, 'Operations', { watched, alarms });
  }

  #topic(): { readonly topic?: ITopic } {
    const { alarms } = this.#settings;
    if (!alarms) return {};
    this.#alarmTopic ??= 'email' in alarms ? new AlarmTopic(this, 'AlarmTopic', { email: alarms.email }).topic : this.#givenTopic(alarms.topicArn);
    return { topic: this.#alarmTopic };
  }

  #givenTopic(topicArn: string): ITopic {
    const { name, awsRegion } = this.#deployment.region;
    const [, , , at] = topicArn.split(':');
    if (at !== awsRegion) {
      const message = `alarms.topicArn: this topic lies in ${at}, and the stack of ${name} in ${awsRegion}. CloudWatch tells topics of its own region alone: give an email instead.`;
      throw new TidemarkError('INVALID_CONFIG', message, { region: name });
    }
    return Topic.fromTopicArn(this, 'AlarmTopic', topicArn);
  }

  /** A look must end before its function does. */
  #environment(queues: ReplayQueues, state: StateTable, timeoutSec: number, more: Partial<FunctionEnv> = {}): Record<string, string> {
    const { config } = this.#deployment;
    const routes = config.routes.map((route) => sharedThrottle(route, this.#settings.replay));
    const lookSec = Math.min(config.limits.lookSec, timeoutSec - MARGIN_SEC);
    return functionEnv({
      config: { ...config, routes, limits: { ...config.limits, lookSec } },
      stack: this.stackName,
      tableName: state.table.tableName,
      eventsQueueUrl: queues.events.queueUrl,
      workQueueUrl: queues.work.queueUrl,
      deadLetterUrl: queues.deadLetters.queueUrl,
      abandonedUrl: queues.abandoned.queueUrl,
      ...more,
    });
  }

  #output(name: string, value: string): void {
    new CfnOutput(this, name, { value });
  }
}
