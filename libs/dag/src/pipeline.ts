import { AppError } from '@overture/core';
import type { z } from 'zod';
import { bindingOf } from './binding-of.ts';
import { checkPlan } from './check-plan.ts';
import type { GateDecision } from './gate-decision.ts';
import { parseInput } from './parse-input.ts';
import {
  bindingsOf,
  itemOf,
  mentionedNodes,
  type Condition,
  type Plan,
  type PipelineCall,
  type PlanNode,
  type StageCall,
} from './plan.ts';
import { referenceTo, type Dereferenced, type ListReference, type Ref, type Reference } from './reference.ts';
import { withReuse, type ReuseRule } from './reuse-rule.ts';
import type { StageContract } from './stage-contract.ts';
import type { Listed, Wired } from './wiring.ts';

/** Options of one node of a pipeline. */
export interface RunOptions {
  /** The node's id; required if a pipeline runs a stage more than once. Default: the stage's name. */
  readonly as?: string;
  /** Runs only if this condition is true. Nodes that use its output must accept a missing value. */
  readonly when?: Condition;
  /**
   * Lets the user skip the stage after it has failed. Nodes that use its output must accept a missing value.
   */
  readonly skippable?: true;
  /**
   * Skips the stage automatically after it has failed. Nodes that use its output must accept a missing value.
   */
  readonly optional?: true;
}

/** Options of a node that runs a stage or a pipeline for each item of a list. */
export interface EachOptions extends RunOptions {
  /** Maximum number of items that run at the same time. Default: all. */
  readonly atMost?: number;
}

/** Options of a gate. */
export interface GateOptions {
  /** One sentence that describes the decision; the question, if a user is asked. */
  readonly summary: string;
  /** If this condition is false, the gate is not approved and no user is asked. */
  readonly rule?: Condition;
  /** Whether a user decides if the rule is satisfied. Default: false. */
  readonly ask?: boolean;
  /** The information to show to the user, such as metrics and names. */
  readonly show?: object;
  readonly when?: Condition;
}

/** A node of a pipeline can run a stage or another pipeline. */
export type Runnable = StageContract | Pipeline<string, z.ZodObject, object>;

/** The output type of a stage or a pipeline. */
export type OutputOf<Thing> = Thing extends StageContract
  ? z.output<Thing['output']>
  : Thing extends Pipeline<string, z.ZodObject, infer Result>
    ? Result
    : never;

/**
 * Adds nodes to the plan and returns references to their outputs. Wrong wiring does not compile; the type
 * error contains the reason.
 */
export interface Run {
  /** Adds a node that runs a stage or a pipeline. */
  <
    Thing extends Runnable,
    const Given extends object,
    const Options extends RunOptions = Record<never, never>,
  >(
    thing: Thing,
    given: Given & Wired<Thing, Given>,
    options?: Options,
  ): Reference<OutputOf<Thing>, AbsentBy<Options>>;

  /**
   * Adds a node that runs a stage or a pipeline for each item of a list, which may be unknown until the plan
   * runs. Its output has all items or is missing. `wire` returns the input of one item.
   */
  each<
    const Over,
    Thing extends Runnable,
    const Given extends object,
    const Options extends EachOptions = Record<never, never>,
  >(
    over: Over & Listed<Over>,
    thing: Thing,
    wiring: {
      readonly wire: (item: Reference<ItemOf<Over>>, index: Ref<number>) => Given & Wired<Thing, Given>;
    } & Options,
  ): ListReference<OutputOf<Thing>, AbsentBy<Options>>;

  /**
   * Adds a gate: a rule, a user or both decide whether to continue. Nodes that depend on the decision use
   * `when: isTrue(gate.approved)`.
   */
  gate(name: string, options: GateOptions): Reference<GateDecision>;
}

/** `undefined` if the options allow a missing output. */
type AbsentBy<Options> = Options extends
  { readonly skippable: true } | { readonly optional: true } | { readonly when: Condition }
  ? undefined
  : never;

type ItemOf<Over> = Dereferenced<Over> extends readonly (infer Item)[] ? Item : never;

/**
 * A plan for one input, with everything needed to run it: the contracts of its stages and its nested
 * pipelines.
 */
export interface Prepared<Result> {
  readonly plan: Plan<Result>;
  readonly contracts: ReadonlyMap<string, StageContract>;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
}

/** Options of a pipeline. */
export interface PipelineOptions<Input> {
  /** Returns the reuse rule from the input, if the input has one. */
  readonly reuse?: (input: Input) => ReuseRule;
}

/** Creates plans: maps a plain input to a plan, which is plain data. */
export interface Pipeline<
  Name extends string = string,
  Schema extends z.ZodType = z.ZodType,
  Result = unknown,
> {
  readonly name: Name;
  readonly input: Schema;
  /**
   * Validates the input, fills in defaults and returns the plan.
   * @throws AppError `INPUT_INVALID` or `PLAN_INVALID`; each lists all its problems at once.
   */
  plan(input: unknown): Plan<Result>;
  /**
   * Like `plan`, but also returns the contracts of the stages and the nested pipelines.
   * @throws AppError `INPUT_INVALID` or `PLAN_INVALID`; each lists all its problems at once.
   */
  prepare(input: unknown): Prepared<Result>;
}

/**
 * Defines a pipeline. `build` receives the parsed input and wires stages by references. It must be
 * deterministic, because it runs again wherever the plan is needed.
 */
export function pipeline<const Name extends string, Schema extends z.ZodType, const Result extends object>(
  name: Name,
  input: Schema,
  build: (input: z.output<Schema>, run: Run) => Result,
  options: PipelineOptions<z.output<Schema>> = {},
): Pipeline<Name, Schema, Dereferenced<Result>> {
  const made: Pipeline<Name, Schema, Dereferenced<Result>> = {
    name,
    input,
    plan: (value) => made.prepare(value).plan,
    prepare(value) {
      const { nodes, contracts, pipelines, run } = builder();
      const parsed = parseInput(input, value, name);
      const result = build(parsed, run);
      const plan: Plan<Dereferenced<Result>> = { name, nodes, result: bindingOf(result) };
      const problems = checkPlan(plan, contracts);
      if (problems.length > 0) {
        throw new AppError(
          'PLAN_INVALID',
          `The plan of ${name} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}: ${problems.join(' ')}`,
          { details: { problems } },
        );
      }
      return { plan: options.reuse ? withReuse(plan, options.reuse(parsed)) : plan, contracts, pipelines };
    },
  };
  return made;
}

/**
 * Collects nodes. The `never` types below stand for output types that the compiler cannot infer from a
 * generic contract.
 */
function builder(): {
  nodes: PlanNode[];
  contracts: Map<string, StageContract>;
  pipelines: Map<string, Pipeline>;
  run: Run;
} {
  const nodes: PlanNode[] = [];
  const contracts = new Map<string, StageContract>();
  const pipelines = new Map<string, Pipeline>();

  const add = (node: Unplaced<PlanNode>): void =>
    void nodes.push({
      ...node,
      needs: mentionedNodes(...bindingsOf({ ...node, needs: [] } as PlanNode)).filter(
        (id) => id !== itemOf(node.id),
      ),
    } as PlanNode);
  const call = (thing: Runnable, given: unknown): StageCall | PipelineCall => {
    const input = bindingOf(given);
    if (isPipeline(thing)) {
      pipelines.set(thing.name, thing);
      return { kind: 'pipeline', pipeline: thing.name, input };
    }
    const { name, version, queue, timeouts, retry } = thing;
    contracts.set(name, thing);
    return { kind: 'stage', stage: name, version, queue, timeouts, retry, input };
  };
  const run = (thing: Runnable, given: unknown, options: RunOptions = {}): never => {
    const id = options.as ?? thing.name;
    add({ ...placed(id, thing, options), ...call(thing, given) });
    return referenceTo({ kind: 'ref', node: id, path: [] }) as never;
  };
  const each = (
    over: unknown,
    thing: Runnable,
    { wire, atMost, ...options }: EachOptions & { wire: (item: never, index: never) => unknown },
  ): never => {
    const id = options.as ?? thing.name;
    const item = (path: string): never =>
      referenceTo({ kind: 'ref', node: itemOf(id), path: [path] }) as never;
    add({
      ...placed(id, thing, options),
      kind: 'map',
      over: bindingOf(over),
      each: call(thing, wire(item('item'), item('index'))),
      ...(atMost !== undefined && { atMost }),
    });
    return referenceTo({ kind: 'ref', node: id, path: ['*'] }) as never;
  };
  const gate = (name: string, { summary, rule, ask, show = {}, when }: GateOptions): never => {
    add({
      kind: 'gate',
      id: name,
      summary,
      ask: ask === true,
      show: bindingOf(show),
      ...(rule && { rule }),
      ...(when && { when }),
    });
    return referenceTo({ kind: 'ref', node: name, path: [] }) as never;
  };
  return { nodes, contracts, pipelines, run: Object.assign(run, { each, gate }) as Run };
}

type Unplaced<Node> = Node extends unknown ? Omit<Node, 'needs'> : never;

function placed(
  id: string,
  thing: Runnable,
  { when, skippable, optional }: RunOptions,
): { id: string; summary: string } & Pick<RunOptions, 'when' | 'skippable' | 'optional'> {
  const summary = isPipeline(thing) ? `Run ${thing.name} as a part` : thing.summary;
  return {
    id,
    summary,
    ...(when && { when }),
    ...(skippable && { skippable }),
    ...(optional && { optional }),
  };
}

function isPipeline(thing: Runnable): thing is Pipeline<string, z.ZodObject, object> {
  return 'prepare' in thing;
}
