import type { JsonValue } from '@overture/core';
import type { StageRetry, StageTimeouts } from './stage-contract.ts';

/** Where a value comes from: it stands here, another node will give it, or it is put together from such. */
export type Binding =
  | { readonly kind: 'literal'; readonly value: JsonValue }
  /** In a path, `*` stands for each item of a list. */
  | { readonly kind: 'ref'; readonly node: string; readonly path: readonly string[] }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Binding>> }
  | { readonly kind: 'list'; readonly items: readonly Binding[] }
  /** The first of these that is there. */
  | { readonly kind: 'first'; readonly of: readonly Binding[] };

/** What a person said about the reuse of one node's earlier outputs; where nothing is said, its cache key decides. */
export type NodeReuse =
  /** It runs anew. */
  | { readonly kind: 'never' }
  /** It takes what it gave in that run: a run's id, Temporal's run id, or a workflow id for its newest run. */
  | { readonly kind: 'from'; readonly run: string };

/** A question about values that stages will give, as data. What was left out equals nothing and is not at least anything. */
export type Condition =
  | { readonly kind: 'equals'; readonly value: Binding; readonly to: Binding }
  | { readonly kind: 'atLeast'; readonly value: Binding; readonly least: Binding }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] };

/** What is true of a node whatever it does. */
export interface Placed {
  /** Unique in the plan; the name of what runs there unless the pipeline gave another. */
  readonly id: string;
  /** One sentence for people. */
  readonly summary: string;
  /** Ids of the nodes whose outputs it mentions, in order of mention. */
  readonly needs: readonly string[];
  /** Runs only if this holds; else it is left out. */
  readonly when?: Condition;
  /** Whether a person may go on without its output once it has failed. */
  readonly skippable?: true;
  /** Whether the run goes on without its output, by itself, once it has failed. */
  readonly optional?: true;
  readonly reuse?: NodeReuse;
}

/** All that an interpreter needs to run a stage. */
export interface StageCall {
  readonly kind: 'stage';
  readonly stage: string;
  readonly version: number;
  readonly queue: string;
  readonly timeouts: StageTimeouts;
  readonly retry: StageRetry;
  readonly input: Binding;
}

/** A whole pipeline in place of a stage; its plan is made when its input is known. */
export interface PipelineCall {
  readonly kind: 'pipeline';
  readonly pipeline: string;
  readonly input: Binding;
}

export type StageNode = Placed & StageCall;
export type PipelineNode = Placed & PipelineCall;

/** The same call for each item of a list that is known only when the plan runs. Its output is the list of all outputs. */
export interface MapNode extends Placed {
  readonly kind: 'map';
  readonly over: Binding;
  /** Its input mentions the item and its index as outputs `item` and `index` of the node `itemOf(id)`. */
  readonly each: StageCall | PipelineCall;
  /** How many items may run at a time; default: all. */
  readonly atMost?: number;
}

/** A place where a rule, a person or both say whether something may go on. Its output is a `GateDecision`. */
export interface GateNode extends Placed {
  readonly kind: 'gate';
  /** Must hold; where it does not, nobody is asked and the answer is no. */
  readonly rule?: Condition;
  /** Whether a person is asked; `summary` is the question. */
  readonly ask: boolean;
  /** What the person is shown. */
  readonly show: Binding;
}

export type PlanNode = StageNode | PipelineNode | MapNode | GateNode;

/** The name under which a map's call mentions the item at hand. */
export function itemOf(map: string): string {
  return `${map}[]`;
}

declare const resultType: unique symbol;

/** A DAG as plain data, in an order in which it can run. `Result` is the type of the resolved `result`. */
export interface Plan<Result = unknown> {
  readonly name: string;
  readonly nodes: readonly PlanNode[];
  readonly result: Binding;
  readonly [resultType]?: Result;
}

/** Everything that a node mentions of others. */
export function bindingsOf(node: PlanNode): readonly Binding[] {
  const when = node.when === undefined ? [] : conditionBindings(node.when);
  switch (node.kind) {
    case 'stage':
    case 'pipeline':
      return [node.input, ...when];
    case 'map':
      return [node.over, node.each.input, ...when];
    case 'gate':
      return [node.show, ...(node.rule === undefined ? [] : conditionBindings(node.rule)), ...when];
  }
}

/** All bindings inside a condition. */
export function conditionBindings(condition: Condition): readonly Binding[] {
  switch (condition.kind) {
    case 'equals':
      return [condition.value, condition.to];
    case 'atLeast':
      return [condition.value, condition.least];
    case 'not':
      return conditionBindings(condition.of);
    case 'all':
    case 'any':
      return condition.of.flatMap(conditionBindings);
  }
}

/** Ids of the nodes that bindings mention, each once, in order of mention. */
export function mentionedNodes(...bindings: readonly Binding[]): string[] {
  return [...new Set(bindings.flatMap(references).map(({ node }) => node))];
}

/** All references inside a binding. */
export function references(binding: Binding): readonly { readonly node: string; readonly path: readonly string[] }[] {
  switch (binding.kind) {
    case 'literal':
      return [];
    case 'ref':
      return [binding];
    case 'object':
      return Object.values(binding.fields).flatMap(references);
    case 'list':
      return binding.items.flatMap(references);
    case 'first':
      return binding.of.flatMap(references);
  }
}
