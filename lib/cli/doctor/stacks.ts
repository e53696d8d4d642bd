/** What the stacks of a configuration tell the doctor: their queues, and where the sources must send their events. */
import type { S3RegionConfig, TidemarkConfig } from '../../config/config.ts';
import { stackName } from '../../config/stack-name.ts';
import { asTidemarkError } from '../../core/errors.ts';
import type { DiagnosedQueue } from '../../ports/diagnosis.ts';
import { chartOf, type Finding } from '../../usecases/doctor/finding.ts';
import type { Listener } from '../../usecases/doctor/notifications.ts';

export interface Stacks {
  readonly queues: readonly DiagnosedQueue[];
  readonly findings: readonly Finding[];
  /** @returns null where nobody knows who listens */
  listener(region: string): Listener | null;
}

/** Outputs of a stack that name its queues. */
const QUEUES = { events: 'EventsQueueUrl', work: 'WorkQueueUrl' } as const;

export async function examineStacks(config: TidemarkConfig): Promise<Stacks> {
  const onAws = Object.values(config.regions).filter((region): region is S3RegionConfig => region.kind === 's3' && region.endpoint === undefined);
  const starting = onAws.filter(({ name }) => config.routes.some(({ from }) => from === name));
  const looked = await Promise.all(starting.map((region) => examineStack(config, region)));
  const known = new Map(starting.map(({ name }, index) => [name, looked[index]?.listener ?? null]));
  return {
    queues: looked.flatMap(({ queues }) => queues),
    findings: looked.flatMap(({ findings }) => findings),
    listener: (region) => known.get(region) ?? (known.has(region) ? null : 'webhook'),
  };
}

interface Examined {
  readonly queues: readonly DiagnosedQueue[];
  readonly findings: readonly Finding[];
  readonly listener: Listener | null;
}

async function examineStack(config: TidemarkConfig, { name, awsRegion }: S3RegionConfig): Promise<Examined> {
  const stack = stackName(config, name);
  const chart = chartOf('stack', `stack ${stack}`);
  // Loaded when asked for: the SDK takes longer to load than everything else together.
  const { readOutputs } = await import('../../adapters/cloudformation/stack-outputs.ts');
  const { diagnosedQueue } = await import('../../adapters/sqs/redrive-policy.ts');
  try {
    const outputs = await readOutputs(stack, awsRegion);
    const queues = Object.entries(QUEUES).flatMap(([queue, output]) => {
      const url = outputs[output];
      return url === undefined ? [] : [diagnosedQueue(`${queue} of ${stack}`, url, awsRegion)];
    });
    const queueArn = outputs.EventsQueueArn;
    return { queues, findings: [chart.ok('it is deployed')], listener: queueArn === undefined ? null : { queueArn } };
  } catch (error) {
    const absent = asTidemarkError(error).code === 'INVALID_INPUT';
    const nowhere = chart.found(
      'info',
      'NOT_DEPLOYED',
      `there is none in ${awsRegion}`,
      'Run `npm run deploy`, unless an embedded host carries the route.',
    );
    return { queues: [], findings: [absent ? nowhere : chart.unseen(error)], listener: null };
  }
}
