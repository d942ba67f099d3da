import { AppError, listNames, quoted, type JsonValue } from '@overture/core';
import { z } from 'zod';
import type { GateDecision } from './gate-decision.ts';
import { collected, mapItems, type MapItems } from './map-items.ts';
import { combinedPatch, mergePatch, type JsonObject } from './merge-patch.ts';
import { inputProblems } from './parse-input.ts';
import type { Prepared } from './pipeline.ts';
import type { GateNode, MapNode, PipelineCall, Plan, PlanNode, StageCall } from './plan.ts';
import { holds, resolveBinding } from './resolve-binding.ts';
import type { ScheduleEvent } from './schedule-event.ts';
import type { StageContract, StageControlContract } from './stage-contract.ts';
import type { Failure, Task, TaskState } from './task-state.ts';

/** Options of a schedule. */
export interface ScheduleOptions {
  /** Whether a stage that has failed after all retries waits for a decision or ends the run. */
  readonly onStageFailure: 'park' | 'fail';
}

/**
 * Decides what runs when. An interpreter reports events and runs the tasks that the methods return. It also
 * decides how to run a task and whom to ask. Deterministic: the same calls return the same tasks.
 */
export class Schedule {
  readonly plan: Plan;
  readonly #prepared: Prepared<unknown>;
  readonly #onStageFailure: ScheduleOptions['onStageFailure'];
  readonly #tasks: Map<string, TaskState>;
  readonly #items = new Map<string, MapItems>();
  /** The outputs of the settled nodes; undefined for a skipped node. */
  readonly #outputs = new Map<string, unknown>();
  /**
   * The number of unfinished dependencies of each node, and the nodes that depend on each. With them, the
   * cost of an event depends only on the nodes it affects.
   */
  readonly #missing: Map<string, number>;
  readonly #dependents: ReadonlyMap<string, readonly string[]>;
  /** Tasks that wait for a user. Listing them is free if there are none. */
  readonly #waits = new Set<string>();
  readonly #events: ScheduleEvent[] = [];
  #firstFailure: string | undefined;
  #stopped = false;

  constructor(prepared: Prepared<unknown>, { onStageFailure }: ScheduleOptions) {
    const { plan } = prepared;
    this.plan = plan;
    this.#prepared = prepared;
    this.#onStageFailure = onStageFailure;
    this.#tasks = new Map(
      plan.nodes.map((node) => [node.id, { id: node.id, node, status: 'waiting', attempt: 0 }]),
    );
    this.#missing = new Map(plan.nodes.map(({ id, needs }) => [id, needs.length]));
    const dependents = new Map<string, string[]>(plan.nodes.map(({ id }) => [id, []]));
    for (const { id, needs } of plan.nodes) for (const needed of needs) dependents.get(needed)?.push(id);
    this.#dependents = dependents;
  }

  /** All nodes in the plan's order, each map followed by its items. */
  get tasks(): readonly TaskState[] {
    return this.plan.nodes.flatMap(({ id }) =>
      [id, ...(this.#items.get(id)?.ids ?? [])].map((task) => this.#task(task)),
    );
  }

  /** The failed tasks that wait for a decision, the longest-waiting first. */
  get parked(): readonly string[] {
    return this.#withStatus('parked');
  }

  /** The gates that wait for a user. */
  get asking(): readonly string[] {
    return this.#withStatus('asking');
  }

  /**
   * The status of one task.
   * @throws AppError `PLAN_NODE_UNKNOWN` if the plan has no such task.
   */
  statusOf(id: string): TaskState['status'] {
    return this.#task(id).status;
  }

  /** The keys of a task's input, in the order of its schema; empty for a gate. */
  inputKeys(id: string): readonly string[] {
    const { node } = this.#task(id);
    const schema = node.kind === 'gate' ? undefined : this.#inputSchema(this.#callOf(node));
    return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  }

  /**
   * Whether no new task will start: every node is settled, or a failure or `stop` has ended the run. Tasks
   * may still be running.
   */
  get over(): boolean {
    return this.#stopped || this.#firstFailure !== undefined || this.#outputs.size === this.plan.nodes.length;
  }

  /** The task whose failure ended the run. */
  get failed(): (TaskState & { readonly failure: Failure }) | undefined {
    const task = this.#firstFailure === undefined ? undefined : this.#task(this.#firstFailure);
    return task?.failure && { ...task, failure: task.failure };
  }

  /** The value of the plan's result, once every node is settled. */
  result(): unknown {
    return resolveBinding(this.plan.result, this.#outputs);
  }

  /** All events so far. `resume` restores the state from them. */
  get events(): readonly ScheduleEvent[] {
    return this.#events;
  }

  /**
   * Replaces `start` for a run that continues: restores the state of another schedule of the same plan from
   * its events and returns the tasks that had not finished.
   */
  resume(events: readonly ScheduleEvent[]): Task[] {
    const open = new Map(this.start().map((task) => [task.id, task]));
    for (const event of events) {
      open.delete(event.id);
      for (const task of this.#tell(event)) open.set(task.id, task);
    }
    return [...open.values()];
  }

  /** Starts the run and returns the tasks that start now. */
  start(): Task[] {
    return this.plan.nodes.flatMap(({ id, needs }) => (needs.length === 0 ? this.#begin(id) : []));
  }

  /**
   * Reports a task's output and returns the tasks that start now.
   * @throws AppError `PLAN_MAP_LIST`, `PLAN_MAP_INCOMPLETE` or `PLAN_OUTPUT_MISSING` if the outputs do not
   * fit the plan
   */
  done(id: string, output: unknown): Task[] {
    this.#events.push({ kind: 'done', id, output });
    const { node } = this.#change(id, { status: 'done', failure: undefined });
    if (node.id === id) return this.#settle(id, output);
    const items = this.#itemsOf(node);
    items.outputs.set(id, output);
    return items.outputs.size < items.ids.length
      ? this.#nextItems(node as MapNode, items)
      : this.#complete(node);
  }

  /**
   * Reports that a task has failed after all retries. The task waits for a decision, ends the run, or is
   * skipped if it is optional. Returns the tasks that start now.
   */
  fail(id: string, failure: Failure): Task[] {
    this.#events.push({ kind: 'fail', id, failure: { message: failure.message, code: failure.code } });
    const { node } = this.#task(id);
    if (this.over) this.#change(id, { status: 'failed', failure });
    else if (node.optional) {
      this.#change(id, { status: 'skipped', failure });
      return this.#leaveOut(node);
    } else if (this.#onStageFailure === 'park') this.#change(id, { status: 'parked', failure });
    else this.#end(id, failure);
    return [];
  }

  /** Reports that a task was stopped before it finished. */
  canceled(id: string): void {
    this.#change(id, { status: 'cancelled' });
  }

  /** Marks a parked task as failed because the time for a decision has run out. This ends the run. */
  expire(id: string): void {
    const { failure, status } = this.#task(id);
    if (status !== 'parked' || failure === undefined) return;
    this.#events.push({ kind: 'expire', id });
    this.#end(id, failure);
  }

  /** Ends the run: no new task starts, and tasks that wait for a user are canceled. */
  stop(): void {
    this.#stopped = true;
    for (const id of [...this.parked, ...this.asking]) this.#change(id, { status: 'cancelled' });
  }

  /**
   * Marks the remaining tasks once the run is over: waiting tasks and gates as unreached, parked tasks as
   * failed.
   */
  close(): void {
    for (const { id, status } of this.tasks) {
      if (status === 'waiting' || status === 'asking') this.#change(id, { status: 'unreached' });
      if (status === 'parked') this.#change(id, { status: 'failed' });
    }
  }

  /**
   * The reason why `retry` with these overrides is not possible now, as a sentence; undefined if it is
   * possible.
   */
  retryProblem(id: string, overrides?: JsonObject): string | undefined {
    const problem = this.#parkedProblem(id, 'retried');
    if (problem !== undefined || overrides === undefined) return problem;
    const schema = this.#inputSchema(this.#callOf(this.#task(id).node));
    const dropped = droppedKeys(schema, overrides);
    if (dropped.length > 0)
      return `With these overrides the input of ${id} is wrong. ${dropped.map((key) => `${quoted(key)} is not a known key.`).join(' ')} Known here: ${listNames(this.inputKeys(id))}.`;
    for (const task of this.#parkedTasks(id)) {
      const checked = schema?.safeParse(mergePatch(this.#task(task).input, overrides), { reportInput: true });
      if (schema && checked?.success === false)
        return `With these overrides the input of ${task} is wrong. ${inputProblems(schema, checked.error).join(' ')}`;
    }
    return undefined;
  }

  /**
   * Starts a parked task again with the overrides merged into its input. For a map, starts all its parked
   * items.
   * @throws AppError `DECISION_REFUSED` with the reason from `retryProblem`.
   */
  retry(id: string, overrides?: JsonObject): Task[] {
    assertSensible(this.retryProblem(id, overrides));
    this.#events.push({ kind: 'retry', id, ...(overrides && { overrides }) });
    return this.#parkedTasks(id).map((task) => {
      const { input, attempt, overrides: earlier } = this.#task(task);
      const changed = overrides === undefined ? input : mergePatch(input, overrides);
      return this.#call(task, changed, {
        attempt: attempt + 1,
        overrides: combinedPatch(earlier, overrides),
      });
    });
  }

  /** The reason why `skip` is not possible now, as a sentence; undefined if it is possible. */
  skipProblem(id: string): string | undefined {
    const problem = this.#parkedProblem(id, 'skipped');
    if (problem !== undefined) return problem;
    const { node } = this.#task(id);
    if (node.id !== id)
      return `${id} is one item of ${node.id}, whose list is whole or not there at all. ${node.skippable ? `Skip ${node.id}` : 'Retry it or abort the run'}.`;
    if (node.skippable) return undefined;
    const others = this.plan.nodes.filter(({ skippable }) => skippable).map((each) => each.id);
    return `${id} cannot be skipped, because others need what it gives. ${others.length === 0 ? 'No stage of this workflow can be' : `Skippable here: ${listNames(others)}`}; retry it or abort the run.`;
  }

  /**
   * Skips a parked task; for a map, the whole list. Returns the tasks that start now.
   * @throws AppError `DECISION_REFUSED` with the reason from `skipProblem`.
   */
  skip(id: string): Task[] {
    assertSensible(this.skipProblem(id));
    this.#events.push({ kind: 'skip', id });
    for (const task of this.#parkedTasks(id)) this.#change(task, { status: 'skipped' });
    return this.#leaveOut(this.#task(id).node);
  }

  /** The reason why `decide` is not possible now, as a sentence; undefined if it is possible. */
  decideProblem(id: string): string | undefined {
    const task = this.#tasks.get(id);
    if (task?.status === 'asking') return undefined;
    const { asking } = this;
    const now = asking.length === 0 ? 'No gate asks now.' : `Asking now: ${listNames(asking)}.`;
    return task?.node.kind === 'gate'
      ? `The gate ${id} is ${task.status}; only one that asks can be decided. ${now}`
      : `There is no gate ${quoted(id)} in this run. ${now}`;
  }

  /**
   * Reports a user's decision about a gate and returns the tasks that start now.
   * @throws AppError `DECISION_REFUSED` with the reason from `decideProblem`.
   */
  decide(id: string, { approved, by, reason }: Pick<GateDecision, 'approved' | 'by' | 'reason'>): Task[] {
    assertSensible(this.decideProblem(id));
    this.#events.push({ kind: 'decide', id, decision: { approved, by, reason } });
    return this.#answer(id, { approved, decidedBy: 'person', by, reason });
  }

  /** The contract of a task's stage; undefined for a gate and a nested pipeline. */
  contractOf(id: string): StageContract | undefined {
    const { node } = this.#task(id);
    if (node.kind === 'gate') return undefined;
    const call = this.#callOf(node);
    return call.kind === 'stage' ? this.#prepared.contracts.get(call.stage) : undefined;
  }

  /** Examples of the control requests that a task accepts now; empty if it accepts none. */
  controlsOf(id: string): readonly JsonValue[] {
    const { node, status } = this.#task(id);
    const running = status === 'running' && (node.kind !== 'map' || id !== node.id); // of a map, only the items run
    return running ? (this.#controlOf(node)?.examples ?? []) : [];
  }

  /** A control request that a stage of this plan accepts while it runs; undefined if none accepts any. */
  get controlExample(): { readonly stage: string; readonly action: JsonValue } | undefined {
    for (const node of this.plan.nodes) {
      const action = this.#controlOf(node)?.examples[0];
      if (action !== undefined) return { stage: node.id, action };
    }
    return undefined;
  }

  /** The reason why a task does not accept a control request now, as a sentence; undefined if it does. */
  controlProblem(id: string, action: unknown): string | undefined {
    const task = this.#tasks.get(id);
    if (task === undefined) return this.#unknownStage(id);
    const control = this.#controlOf(task.node);
    const parsed = control?.action.safeParse(action, { reportInput: true });
    if (control !== undefined && parsed?.success === false) {
      return `The action for ${id} is wrong. ${inputProblems(control.action, parsed.error).join(' ')} It accepts, for example: ${control.examples.map((each) => JSON.stringify(each)).join(', ')}.`;
    }
    if (this.controlsOf(id).length > 0) return undefined;
    const accepting = this.tasks.filter((each) => this.controlsOf(each.id).length > 0).map((each) => each.id);
    const now =
      accepting.length === 0
        ? 'No running stage accepts any now.'
        : `Accepting now: ${listNames(accepting)}.`;
    if (control !== undefined)
      return `${id} is ${task.status}; it accepts control requests only while it is running. ${now}`;
    return task.node.kind === 'gate' || this.#callOf(task.node).kind === 'stage'
      ? `${id} accepts no control requests. ${now}`
      : `${id} is a workflow of its own, named by the query "state": send the request there. ${now}`;
  }

  #controlOf(node: PlanNode): StageControlContract | undefined {
    if (node.kind === 'gate') return undefined;
    const call = this.#callOf(node);
    return call.kind === 'stage' ? this.#prepared.contracts.get(call.stage)?.control : undefined;
  }

  #tell(event: ScheduleEvent): Task[] {
    switch (event.kind) {
      case 'done':
        return this.done(event.id, event.output);
      case 'fail':
        return this.fail(event.id, { ...event.failure, thrown: undefined });
      case 'expire':
        this.expire(event.id);
        return [];
      case 'retry':
        return this.retry(event.id, event.overrides);
      case 'skip':
        return this.skip(event.id);
      case 'decide':
        return this.decide(event.id, event.decision);
    }
  }

  #unknownStage(id: string): string {
    return `There is no stage ${quoted(id)} in this run. It has ${listNames(this.plan.nodes.map((node) => node.id))}.`;
  }

  #parkedProblem(id: string, participle: string): string | undefined {
    const task = this.#tasks.get(id);
    if (task === undefined) return this.#unknownStage(id);
    if (this.#parkedTasks(id).length > 0) return undefined;
    const { parked } = this;
    return `${id} is ${task.status}; only a parked stage can be ${participle}. ${parked.length === 0 ? 'Nothing is parked now.' : `Parked now: ${listNames(parked)}.`}`;
  }

  /** The task itself, if it is parked, and the parked items of a map. */
  #parkedTasks(id: string): readonly string[] {
    return [id, ...(this.#items.get(id)?.ids ?? [])].filter((task) => this.#task(task).status === 'parked');
  }

  #begin(id: string): Task[] {
    if (this.over) return [];
    const { node } = this.#task(id);
    if (node.when !== undefined && !holds(node.when, this.#outputs)) {
      this.#change(id, { status: 'skipped' });
      return this.#settle(id, undefined);
    }
    switch (node.kind) {
      case 'stage':
      case 'pipeline':
        return [this.#call(id, resolveBinding(node.input, this.#outputs), { attempt: 1 })];
      case 'map':
        return this.#expand(node);
      case 'gate':
        return this.#ask(node);
    }
  }

  #expand(node: MapNode): Task[] {
    const items = mapItems(node, this.#outputs);
    this.#items.set(node.id, items);
    this.#change(node.id, { status: 'running', attempt: 1 });
    for (const id of items.ids) this.#tasks.set(id, { id, node, status: 'waiting', attempt: 0 });
    return items.ids.length === 0 ? this.#complete(node) : this.#nextItems(node, items);
  }

  #nextItems(node: MapNode, items: MapItems): Task[] {
    if (this.over || this.#outputs.has(node.id)) return [];
    const room = (node.atMost ?? Infinity) - (items.started - items.outputs.size);
    const next = items.ids.slice(items.started, items.started + Math.max(0, room));
    const tasks = next.map((id, i) => this.#call(id, items.inputs[items.started + i], { attempt: 1 }));
    items.started += next.length;
    return tasks;
  }

  #complete(node: PlanNode): Task[] {
    // The map may have been skipped while its last items were running.
    if (this.#outputs.has(node.id)) return [];
    const list = collected(node.id, this.#itemsOf(node));
    this.#change(node.id, { status: 'done' });
    return this.#settle(node.id, list);
  }

  #ask(node: GateNode): Task[] {
    const rule = node.rule === undefined || holds(node.rule, this.#outputs);
    if (!rule || !node.ask)
      return this.#answer(node.id, { approved: rule, decidedBy: 'rule', by: null, reason: null });
    const shown = resolveBinding(node.show, this.#outputs);
    this.#change(node.id, { status: 'asking', input: shown });
    return [{ kind: 'ask', id: node.id, node, shown }];
  }

  #answer(id: string, decision: GateDecision): Task[] {
    this.#change(id, { status: 'done' });
    return this.#settle(id, decision);
  }

  #call(
    id: string,
    input: unknown,
    { attempt, overrides }: { attempt: number; overrides?: JsonObject },
  ): Task {
    const { node } = this.#change(id, { status: 'running', attempt, input, overrides, failure: undefined });
    return { kind: 'call', id, node, call: this.#callOf(node), input, attempt };
  }

  #callOf(node: PlanNode): StageCall | PipelineCall {
    if (node.kind === 'gate')
      throw new AppError(
        'PLAN_NODE_UNKNOWN',
        `${node.id} is a gate and cannot be run. This is a bug in the interpreter.`,
      );
    return node.kind === 'map' ? node.each : node;
  }

  #inputSchema(call: StageCall | PipelineCall): Parameters<typeof inputProblems>[0] | undefined {
    return call.kind === 'stage'
      ? this.#prepared.contracts.get(call.stage)?.input
      : this.#prepared.pipelines.get(call.pipeline)?.input;
  }

  /** Skips a node: nodes that use its output receive undefined. */
  #leaveOut(node: PlanNode): Task[] {
    if (this.#outputs.has(node.id)) return [];
    this.#change(node.id, { status: 'skipped' });
    for (const id of this.#items.get(node.id)?.ids ?? [])
      if (this.#task(id).status === 'waiting') this.#change(id, { status: 'skipped' });
    return this.#settle(node.id, undefined);
  }

  #settle(id: string, output: unknown): Task[] {
    this.#outputs.set(id, output);
    return (this.#dependents.get(id) ?? []).flatMap((dependent) => {
      const missing = (this.#missing.get(dependent) ?? 0) - 1;
      this.#missing.set(dependent, missing);
      return missing === 0 ? this.#begin(dependent) : [];
    });
  }

  #end(id: string, failure: Failure): void {
    const { node } = this.#change(id, { status: 'failed', failure });
    this.#firstFailure ??= id;
    this.#giveUp(node.id);
  }

  #giveUp(id: string): void {
    for (const dependent of this.#dependents.get(id) ?? []) {
      if (this.#task(dependent).status !== 'waiting') continue;
      this.#change(dependent, { status: 'unreached' });
      this.#giveUp(dependent);
    }
  }

  #withStatus(wanted: TaskState['status']): string[] {
    return [...this.#waits].filter((id) => this.#task(id).status === wanted);
  }

  #itemsOf({ id }: PlanNode): MapItems {
    const items = this.#items.get(id);
    if (items === undefined)
      throw new AppError('PLAN_NODE_UNKNOWN', `${id} has no items yet. This is a bug in the interpreter.`);
    return items;
  }

  #task(id: string): TaskState {
    const task = this.#tasks.get(id);
    if (task === undefined)
      throw new AppError(
        'PLAN_NODE_UNKNOWN',
        `${JSON.stringify(id)} must be a task of the plan ${this.plan.name}; it is none. This is a bug in the interpreter.`,
      );
    return task;
  }

  #change(id: string, change: Partial<TaskState>): TaskState {
    const task = { ...this.#task(id), ...change };
    this.#tasks.set(id, task);
    if (task.status === 'parked' || task.status === 'asking') this.#waits.add(id);
    else this.#waits.delete(id);
    return task;
  }
}

/**
 * Keys of overrides that the schema would ignore silently: unknown keys if it is not strict, and `__proto__`,
 * which zod never copies. At most five.
 */
function droppedKeys(schema: z.ZodType | undefined, overrides: JsonObject): readonly string[] {
  const ignores = schema instanceof z.ZodObject && schema.def.catchall === undefined;
  return Object.keys(overrides)
    .filter((key) => key === '__proto__' || (ignores && !Object.hasOwn(schema.shape, key)))
    .slice(0, 5);
}

function assertSensible(problem: string | undefined): void {
  if (problem !== undefined) throw new AppError('DECISION_REFUSED', problem);
}
