import { AppError } from '@overture/core';
import { combinedPatch, mergePatch, type JsonObject } from './merge-patch.ts';
import { inputProblems } from './parse-input.ts';
import type { Plan, PlanNode } from './plan.ts';
import { resolveBinding } from './resolve-binding.ts';
import type { StageContract } from './stage-contract.ts';

/**
 * Where a node stands: waiting for others, at work, parked until a person decides, finished, failed for good, left out
 * by a decision, stopped with the run, or never reached because something before it failed.
 */
export type TaskStatus = 'waiting' | 'running' | 'parked' | 'done' | 'failed' | 'skipped' | 'cancelled' | 'unreached';

/** Why a stage failed, in words for people; `thrown` is kept for whoever ends the run with it. */
export interface Failure {
  readonly message: string;
  /** Machine-readable, such as `CORPUS_EMPTY`. */
  readonly code: string;
  readonly thrown: unknown;
}

/** One node of a plan and all that is known about its execution. */
export interface TaskState {
  readonly node: PlanNode;
  readonly status: TaskStatus;
  /** How often it was started, counted from 1; the retries of one start, which interpreters make by themselves, do not count. */
  readonly attempt: number;
  /** Known from the first start on. */
  readonly input?: unknown;
  /** What people changed in the input, as one merge patch. */
  readonly overrides?: JsonObject;
  /** Of the last attempt. */
  readonly failure?: Failure;
}

/** What an interpreter is to run now. */
export interface Task {
  readonly id: string;
  readonly node: PlanNode;
  readonly input: unknown;
  readonly attempt: number;
}

export interface ScheduleOptions {
  /** The contracts of the plan's stages, by name: what people change is checked against them. */
  readonly contracts: ReadonlyMap<string, StageContract>;
  /** Whether a stage that failed for good waits for a decision, or ends the run. */
  readonly onStageFailure: 'park' | 'fail';
}

/**
 * The one place that decides what runs when. An interpreter tells it what happened and runs the tasks that it gives;
 * how a task is run, and who is asked, is the interpreter's own affair. Deterministic: equal calls, equal answers.
 */
export class Schedule {
  readonly plan: Plan;
  readonly #contracts: ScheduleOptions['contracts'];
  readonly #onStageFailure: ScheduleOptions['onStageFailure'];
  readonly #tasks: Map<string, TaskState>;
  /** The outputs of the nodes that are settled; undefined stands for one that was left out. */
  readonly #outputs = new Map<string, unknown>();
  /** How many nodes each node still waits for, and who waits for whom: so that an event costs what it changes. */
  readonly #missing: Map<string, number>;
  readonly #dependents: ReadonlyMap<string, readonly string[]>;
  #firstFailure: string | undefined;
  #stopped = false;

  constructor(plan: Plan, { contracts, onStageFailure }: ScheduleOptions) {
    this.plan = plan;
    this.#contracts = contracts;
    this.#onStageFailure = onStageFailure;
    this.#tasks = new Map(plan.nodes.map((node) => [node.id, { node, status: 'waiting', attempt: 0 }]));
    this.#missing = new Map(plan.nodes.map(({ id, needs }) => [id, needs.length]));
    const dependents = new Map<string, string[]>(plan.nodes.map(({ id }) => [id, []]));
    for (const { id, needs } of plan.nodes) for (const needed of needs) dependents.get(needed)?.push(id);
    this.#dependents = dependents;
  }

  /** Every node, in the plan's order. */
  get tasks(): readonly TaskState[] {
    return [...this.#tasks.values()];
  }

  /** The nodes that wait for a decision, in the plan's order. */
  get parked(): readonly string[] {
    return this.tasks.flatMap(({ status, node }) => (status === 'parked' ? [node.id] : []));
  }

  /** Whether nothing new will start: every node is settled, or a failure or `stop` ends the run. Tasks may still be running. */
  get over(): boolean {
    return this.#stopped || this.#firstFailure !== undefined || this.#outputs.size === this.#tasks.size;
  }

  /** The node whose failure ends the run. */
  get failed(): (TaskState & { readonly failure: Failure }) | undefined {
    const task = this.#firstFailure === undefined ? undefined : this.#task(this.#firstFailure);
    return task?.failure && { ...task, failure: task.failure };
  }

  /** The value of the plan's result, once every node is settled. */
  result(): unknown {
    return resolveBinding(this.plan.result, this.#outputs);
  }

  /** The tasks that need nothing from others. */
  start(): Task[] {
    return this.plan.nodes.flatMap(({ id, needs }) => (needs.length === 0 ? this.#begin(id) : []));
  }

  /** A task has given its output. */
  done(id: string, output: unknown): Task[] {
    this.#change(id, { status: 'done', failure: undefined });
    return this.#settle(id, output);
  }

  /** A task has failed for good: it waits for a decision, or ends the run. Says which. */
  fail(id: string, failure: Failure): 'parked' | 'failed' {
    if (this.#onStageFailure === 'park' && !this.over) {
      this.#change(id, { status: 'parked', failure });
      return 'parked';
    }
    this.#change(id, { status: 'failed', failure });
    this.#firstFailure ??= id;
    this.#giveUp(id);
    return 'failed';
  }

  /** A task was stopped before its end. */
  cancelled(id: string): void {
    this.#change(id, { status: 'cancelled' });
  }

  /** Nobody has decided about a parked task in time: it has failed. */
  expire(id: string): void {
    const { failure } = this.#task(id);
    this.#change(id, { status: 'failed', failure });
    this.#firstFailure ??= id;
    this.#giveUp(id);
  }

  /** Nothing new starts, and what is parked waits no longer. */
  stop(): void {
    this.#stopped = true;
    for (const id of this.parked) this.#change(id, { status: 'cancelled' });
  }

  /** What never started is told from what was waiting, once the run is over. */
  close(): void {
    for (const { node, status } of this.tasks) if (status === 'waiting') this.#change(node.id, { status: 'unreached' });
  }

  /** Why `retry` with these overrides makes no sense now: a sentence, or undefined when it does. */
  retryProblem(id: string, overrides?: JsonObject): string | undefined {
    const problem = this.#decisionProblem(id, 'retried');
    if (problem !== undefined || overrides === undefined) return problem;
    const { node, input } = this.#task(id);
    const schema = this.#contracts.get(node.stage)?.input;
    const checked = schema?.safeParse(mergePatch(input, overrides), { reportInput: true });
    if (schema === undefined || checked === undefined || checked.success) return undefined;
    return `With these overrides the input of ${id} is wrong. ${inputProblems(schema, checked.error).join(' ')}`;
  }

  /** Starts a parked task again, its input changed by the overrides. */
  retry(id: string, overrides?: JsonObject): Task[] {
    assertSensible(this.retryProblem(id, overrides));
    const { input, attempt, overrides: earlier, node } = this.#task(id);
    const task = { id, node, attempt: attempt + 1, input: overrides === undefined ? input : mergePatch(input, overrides) };
    this.#change(id, { status: 'running', attempt: task.attempt, input: task.input, overrides: combinedPatch(earlier, overrides), failure: undefined });
    return [task];
  }

  /** Why `skip` makes no sense now: a sentence, or undefined when it does. */
  skipProblem(id: string): string | undefined {
    const problem = this.#decisionProblem(id, 'skipped');
    if (problem !== undefined || this.#task(id).node.skippable === true) return problem;
    const others = this.plan.nodes.filter(({ skippable }) => skippable).map((node) => node.id);
    return `${id} cannot be skipped, because others need what it gives. ${others.length === 0 ? 'No stage of this workflow can be' : `Skippable here: ${others.join(', ')}`}; retry it or abort the run.`;
  }

  /** Goes on without a parked task's output. */
  skip(id: string): Task[] {
    assertSensible(this.skipProblem(id));
    this.#change(id, { status: 'skipped' });
    return this.#settle(id, undefined);
  }

  #decisionProblem(id: string, participle: string): string | undefined {
    const task = this.#tasks.get(id);
    if (task === undefined) return `There is no stage ${JSON.stringify(id)} in this run. It has ${this.plan.nodes.map((node) => node.id).join(', ')}.`;
    if (task.status === 'parked') return undefined;
    const { parked } = this;
    return `${id} is ${task.status}; only a parked stage can be ${participle}. ${parked.length === 0 ? 'Nothing is parked now.' : `Parked now: ${parked.join(', ')}.`}`;
  }

  #settle(id: string, output: unknown): Task[] {
    this.#outputs.set(id, output);
    return (this.#dependents.get(id) ?? []).flatMap((dependent) => {
      const missing = (this.#missing.get(dependent) ?? 0) - 1;
      this.#missing.set(dependent, missing);
      return missing === 0 ? this.#begin(dependent) : [];
    });
  }

  #begin(id: string): Task[] {
    if (this.over) return [];
    const { node } = this.#task(id);
    const input = resolveBinding(node.input, this.#outputs);
    this.#change(id, { status: 'running', attempt: 1, input });
    return [{ id, node, input, attempt: 1 }];
  }

  #giveUp(id: string): void {
    for (const dependent of this.#dependents.get(id) ?? []) {
      if (this.#task(dependent).status !== 'waiting') continue;
      this.#change(dependent, { status: 'unreached' });
      this.#giveUp(dependent);
    }
  }

  #task(id: string): TaskState {
    const task = this.#tasks.get(id);
    if (task === undefined) throw new AppError('PLAN_NODE_UNKNOWN', `${JSON.stringify(id)} must be a node of the plan ${this.plan.name}; it is none. This is a bug in the interpreter.`);
    return task;
  }

  #change(id: string, change: Partial<TaskState>): void {
    this.#tasks.set(id, { ...this.#task(id), ...change });
  }
}

function assertSensible(problem: string | undefined): void {
  if (problem !== undefined) throw new AppError('DECISION_REFUSED', problem);
}
