import { abortUpdate, decideGateUpdate, retryStageUpdate, stateQuery } from '@overture/durable';
import { runControlSchema, type RunState } from '@overture/protocol';
import {
  isGrpcDeadlineError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import type { MatrixWorld } from './matrix-world.ts';
import { polled } from './polled.ts';
import { goodValue } from './stage-gates.ts';

/** How a subject is started. */
export interface StartOptions {
  /** Whether its gate asks. */
  readonly ask?: boolean;
  /** Whether it continues as new again and again. */
  readonly continues?: boolean;
  /** The shorter it is, the sooner the worker reports the progress of a long look-up. */
  readonly workflowTaskTimeout?: string;
  readonly timeouts?: { readonly workflowExecutionTimeout?: string; readonly workflowRunTimeout?: string };
}

/** How a parked stage is retried: `override` replaces its input. */
export type Retrying = 'retry' | 'override';

/** The run of one case. Its workflow id is the name that its stages receive. */
export class Subject {
  readonly world: MatrixWorld;
  readonly id: string;
  /** Aborted when its case no longer needs it. */
  readonly abandoned = new AbortController();

  constructor(world: MatrixWorld, id: string) {
    this.world = world;
    this.id = id;
  }

  get handle(): WorkflowHandle {
    return this.world.client.workflow.getHandle(this.id);
  }

  /** The workflow id of the nested pipeline. */
  get part(): string {
    return `${this.id}/part`;
  }

  /** Polls until the answer is defined. */
  until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
    return polled(what, () => {
      this.abandoned.signal.throwIfAborted();
      return ask();
    });
  }

  async start({
    ask = false,
    continues = false,
    workflowTaskTimeout,
    timeouts,
  }: StartOptions = {}): Promise<string> {
    // Lower than users may set it, so that a short run continues several times.
    const control = { ...runControlSchema.parse({}), continueAfterEvents: 15 };
    const args = [{ subject: this.id, ask }, ...(continues ? [control] : [])];
    return (
      await this.world.client.workflow.start('matrix', {
        taskQueue: this.world.taskQueue,
        workflowId: this.id,
        args,
        ...(workflowTaskTimeout !== undefined && ({ workflowTaskTimeout } as object)),
        ...(timeouts as object),
      })
    ).firstExecutionRunId;
  }

  /** The status of the latest execution, as Temporal names it. */
  async status(workflowId = this.id): Promise<string> {
    return (await this.world.client.workflow.getHandle(workflowId).describe()).status.name;
  }

  /** The state of a run; undefined if it has none. */
  async state(workflowId = this.id): Promise<RunState | undefined> {
    try {
      return await this.world.client.workflow.getHandle(workflowId).query(stateQuery);
    } catch (thrown) {
      // A query is lost if its workflow task times out on a busy machine.
      if (thrown instanceof WorkflowNotFoundError || isGrpcDeadlineError((thrown as Error).cause))
        return undefined;
      throw thrown;
    }
  }

  /** Waits until a stage of a run has a status. */
  stage(id: string, status: string, workflowId = this.id): Promise<RunState> {
    return this.until(`${id} ${status}`, async () => {
      const state = await this.state(workflowId);
      return state?.stages.some((stage) => stage.id === id && stage.status === status) ? state : undefined;
    });
  }

  /** Waits until a stage is held once more than `before`. */
  held(place: string, before = 0): Promise<number> {
    return this.until(`${place} held`, () =>
      this.world.gates.entered(this.id, place) > before
        ? this.world.gates.entered(this.id, place)
        : undefined,
    );
  }

  /** Waits until the latest execution has ended. */
  ended(): Promise<string> {
    return this.until('the end of the run', async () => {
      const status = await this.status();
      return status === 'RUNNING' || status === 'PAUSED' || status === 'CONTINUED_AS_NEW'
        ? undefined
        : status;
    });
  }

  async abort(): Promise<void> {
    await this.handle.executeUpdate(abortUpdate, { args: [{ reason: 'for the matrix' }] });
  }

  async retry(stage: string, workflowId = this.id, how: Retrying = 'retry'): Promise<void> {
    await this.world.client.workflow.getHandle(workflowId).executeUpdate(retryStageUpdate, {
      args: [{ stage, ...(how === 'override' && { overrides: { value: goodValue } }) }],
    });
  }

  /**
   * Decides whatever the run waits for, until it has ended.
   * @param onParked called before each retry
   * @returns the number of retries
   */
  async drive(how: Retrying, onParked: () => void = () => undefined): Promise<number> {
    let retries = 0;
    await this.until('the end of the run', async () => {
      if ((await this.status()) !== 'RUNNING') return true;
      for (const workflowId of [this.id, this.part]) {
        const state = await this.state(workflowId);
        const parked = state?.stages.find(({ status }) => status === 'parked');
        try {
          if (state?.status === 'asking')
            await this.handle.executeUpdate(decideGateUpdate, { args: [{ gate: 'sure', approve: true }] });
          if (parked === undefined) continue;
          onParked();
          await this.retry(parked.id, workflowId, how);
          retries++;
        } catch (thrown) {
          // Another decision, sent again by Temporal after the reset, came first; or the run has just ended.
          if (!(thrown instanceof WorkflowUpdateFailedError || thrown instanceof WorkflowNotFoundError))
            throw thrown;
        }
      }
      return undefined;
    });
    return retries;
  }
}
