import {
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import type { BackfillJob } from '../../core/backfill/job.ts';
import type { BackfillWorkflow } from '../../usecases/backfill/deps.ts';
import { asAwsFailure } from '../aws/failures.ts';

/** One execution of the state machine for each start of a backfill, named after it: started twice, it runs once. */
export class StepFunctionsWorkflow implements BackfillWorkflow {
  readonly #client: SFNClient;
  readonly #machineArn: string;

  constructor(client: SFNClient, machineArn: string) {
    this.#client = client;
    this.#machineArn = machineArn;
  }

  async start(job: BackfillJob): Promise<void> {
    try {
      await this.#client.send(
        new StartExecutionCommand({ stateMachineArn: this.#machineArn, name: nameOf(job), input: JSON.stringify({ id: job.id }) }),
      );
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw asAwsFailure(error, 'StartExecution');
    }
  }

  async stop(job: BackfillJob): Promise<void> {
    const executionArn = `${this.#machineArn.replace(':stateMachine:', ':execution:')}:${nameOf(job)}`;
    try {
      await this.#client.send(new StopExecutionCommand({ executionArn, error: 'CANCELLED', cause: 'the backfill was cancelled' }));
    } catch (error) {
      // It ends by itself once it finds its backfill cancelled: one that does not run any more is refused as invalid.
      const isOver = error instanceof ExecutionDoesNotExist || error instanceof ValidationException;
      if (!isOver) throw asAwsFailure(error, 'StopExecution');
    }
  }
}

function nameOf({ id, starts }: BackfillJob): string {
  return `${id}-${starts}`;
}
