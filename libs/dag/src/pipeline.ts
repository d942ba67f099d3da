import { AppError } from '@overture/core';
import type { z } from 'zod';
import { bindingOf } from './binding-of.ts';
import { checkPlan } from './check-plan.ts';
import type { GateDecision } from './gate-decision.ts';
import { parseInput } from './parse-input.ts';
import { bindingsOf, itemOf, mentionedNodes, type Condition, type Plan, type PipelineCall, type PlanNode, type StageCall } from './plan.ts';
import { referenceTo, type Dereferenced, type ListReference, type Ref, type Reference } from './reference.ts';
import { withReuse, type ReuseRule } from './reuse-rule.ts';
import type { StageContract } from './stage-contract.ts';
import type { Listed, Wired } from './wiring.ts';

export interface RunOptions {
  /** The node's id, needed where a pipeline runs one stage twice. Default: the stage's name. */
  readonly as?: string;
  /** Runs only if this holds; what takes its outputs must do without them. */
  readonly when?: Condition;
  /** Lets a person go on without the stage once it has failed; what takes its outputs must do without them. */
  readonly skippable?: true;
  /** Goes on without the stage, by itself, once it has failed; what takes its outputs must do without them. */
  readonly optional?: true;
}

export interface EachOptions extends RunOptions {
  /** How many items may run at a time; default: all. */
  readonly atMost?: number;
}

export interface GateOptions {
  /** What is decided, in a sentence; the question, where a person is asked. */
  readonly summary: string;
  /** Must hold; where it does not, the answer is no. */
  readonly rule?: Condition;
  /** Whether a person decides, if the rule holds; default false. */
  readonly ask?: boolean;
  /** What the person is shown: numbers, names. */
  readonly show?: object;
  readonly when?: Condition;
}

/** What can stand in a pipeline: a stage, or another pipeline. */
export type Runnable = StageContract | Pipeline<string, z.ZodObject, object>;

/** What a stage or a pipeline gives. */
export type OutputOf<Thing> = Thing extends StageContract ? z.output<Thing['output']> : Thing extends Pipeline<string, z.ZodObject, infer Result> ? Result : never;

/** Adds to the plan, and gives references to outputs. Wrong wiring does not compile, and says why. */
export interface Run {
  /** A stage or a pipeline. */
  <Thing extends Runnable, const Given extends object, const Options extends RunOptions = Record<never, never>>(
    thing: Thing,
    given: Given & Wired<Thing, Given>,
    options?: Options,
  ): Reference<OutputOf<Thing>, AbsentBy<Options>>;

  /** The same for each item of a list, which may be known only when the plan runs; all or nothing. `wire` says what one item is given. */
  each<const Over, Thing extends Runnable, const Given extends object, const Options extends EachOptions = Record<never, never>>(
    over: Over & Listed<Over>,
    thing: Thing,
    wiring: { readonly wire: (item: Reference<ItemOf<Over>>, index: Ref<number>) => Given & Wired<Thing, Given> } & Options,
  ): ListReference<OutputOf<Thing>, AbsentBy<Options>>;

  /** A place where a rule, a person or both decide. What depends on the answer says so by `when: isTrue(gate.approved)`. */
  gate(name: string, options: GateOptions): Reference<GateDecision>;
}

/** `undefined` where the options allow that nothing is given. */
type AbsentBy<Options> = Options extends { readonly skippable: true } | { readonly optional: true } | { readonly when: Condition } ? undefined : never;

type ItemOf<Over> = Dereferenced<Over> extends readonly (infer Item)[] ? Item : never;

/** A plan for an input, with what whoever runs it needs: the contracts of its stages, and the pipelines within it. */
export interface Prepared<Result> {
  readonly plan: Plan<Result>;
  readonly contracts: ReadonlyMap<string, StageContract>;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
}

export interface PipelineOptions<Input> {
  /** Where in the input a person says what may be reused, if the input has a place for it. */
  readonly reuse?: (input: Input) => ReuseRule;
}

/** A way to plan: from a plain input to a plan as data. */
export interface Pipeline<Name extends string = string, Schema extends z.ZodType = z.ZodType, Result = unknown> {
  readonly name: Name;
  readonly input: Schema;
  /**
   * The plan for an input that is checked here, defaults filled in.
   * @throws AppError `INPUT_INVALID`, `PLAN_INVALID`; each lists all its problems at once.
   */
  plan(input: unknown): Plan<Result>;
  /** The same with the contracts of its stages. */
  prepare(input: unknown): Prepared<Result>;
}

/**
 * A pipeline as a picture of itself: `build` gets the parsed input and wires stages by references. It must be
 * deterministic, for it runs again wherever the plan is needed.
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
        throw new AppError('PLAN_INVALID', `The plan of ${name} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}: ${problems.join(' ')}`, { details: { problems } });
      }
      return { plan: options.reuse ? withReuse(plan, options.reuse(parsed)) : plan, contracts, pipelines };
    },
  };
  return made;
}

/** Collects nodes. Below, `never` closes what the compiler cannot follow: that outputs of an open type have the members it says. */
function builder(): { nodes: PlanNode[]; contracts: Map<string, StageContract>; pipelines: Map<string, Pipeline>; run: Run } {
  const nodes: PlanNode[] = [];
  const contracts = new Map<string, StageContract>();
  const pipelines = new Map<string, Pipeline>();

  const add = (node: Unplaced<PlanNode>): void => void nodes.push({ ...node, needs: mentionedNodes(...bindingsOf({ ...node, needs: [] } as PlanNode)).filter((id) => id !== itemOf(node.id)) } as PlanNode);
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
  const each = (over: unknown, thing: Runnable, { wire, atMost, ...options }: EachOptions & { wire: (item: never, index: never) => unknown }): never => {
    const id = options.as ?? thing.name;
    const item = (path: string): never => referenceTo({ kind: 'ref', node: itemOf(id), path: [path] }) as never;
    add({ ...placed(id, thing, options), kind: 'map', over: bindingOf(over), each: call(thing, wire(item('item'), item('index'))), ...(atMost !== undefined && { atMost }) });
    return referenceTo({ kind: 'ref', node: id, path: ['*'] }) as never;
  };
  const gate = (name: string, { summary, rule, ask, show = {}, when }: GateOptions): never => {
    add({ kind: 'gate', id: name, summary, ask: ask === true, show: bindingOf(show), ...(rule && { rule }), ...(when && { when }) });
    return referenceTo({ kind: 'ref', node: name, path: [] }) as never;
  };
  return { nodes, contracts, pipelines, run: Object.assign(run, { each, gate }) as Run };
}

type Unplaced<Node> = Node extends unknown ? Omit<Node, 'needs'> : never;

function placed(id: string, thing: Runnable, { when, skippable, optional }: RunOptions): { id: string; summary: string } & Pick<RunOptions, 'when' | 'skippable' | 'optional'> {
  const summary = isPipeline(thing) ? `Run ${thing.name} as a part` : thing.summary;
  return { id, summary, ...(when && { when }), ...(skippable && { skippable }), ...(optional && { optional }) };
}

function isPipeline(thing: Runnable): thing is Pipeline<string, z.ZodObject, object> {
  return 'prepare' in thing;
}
