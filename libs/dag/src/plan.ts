import type { JsonValue } from '@overture/core';
import type { StageRetry, StageTimeouts } from './stage-contract.ts';

/** The source of a value: a literal, the output of another node, or a combination of these. */
export type Binding =
  | { readonly kind: 'literal'; readonly value: JsonValue }
  /** In a path, `*` selects each item of a list. */
  | { readonly kind: 'ref'; readonly node: string; readonly path: readonly string[] }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Binding>> }
  | { readonly kind: 'list'; readonly items: readonly Binding[] }
  /** The first of these that is present. */
  | { readonly kind: 'first'; readonly of: readonly Binding[] };

/** How to reuse earlier outputs of one node. If undefined, the cache key decides. */
export type NodeReuse =
  /** Always run the node. */
  | { readonly kind: 'never' }
  /**
   * Take the node's output from that run. `run` is a run's id, Temporal's run id, or a workflow id, which
   * selects its newest run.
   */
  | { readonly kind: 'from'; readonly run: string };

/**
 * A condition on the outputs of stages, as plain data. A skipped output equals nothing, and `atLeast` is
 * false for it.
 */
export type Condition =
  | { readonly kind: 'equals'; readonly value: Binding; readonly to: Binding }
  | { readonly kind: 'atLeast'; readonly value: Binding; readonly least: Binding }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] };

/** The properties that all kinds of nodes have. */
export interface Placed {
  /** Unique in the plan. Default: the name of the stage or pipeline. */
  readonly id: string;
  /** One sentence, for display. */
  readonly summary: string;
  /** Ids of the nodes whose outputs it uses, in order of first use. */
  readonly needs: readonly string[];
  /** Runs only if this condition is true; otherwise it is skipped. */
  readonly when?: Condition;
  /** Whether a user may skip the node after it has failed. */
  readonly skippable?: true;
  /** Whether the run skips the node automatically after it has failed. */
  readonly optional?: true;
  readonly reuse?: NodeReuse;
}

/** Everything that an interpreter needs to run a stage. */
export interface StageCall {
  readonly kind: 'stage';
  readonly stage: string;
  readonly version: number;
  readonly queue: string;
  readonly timeouts: StageTimeouts;
  readonly retry: StageRetry;
  readonly input: Binding;
}

/** A nested pipeline. Its plan is created once its input is known. */
export interface PipelineCall {
  readonly kind: 'pipeline';
  readonly pipeline: string;
  readonly input: Binding;
}

/** A node that runs one stage. */
export type StageNode = Placed & StageCall;
/** A node that runs a nested pipeline. */
export type PipelineNode = Placed & PipelineCall;

/**
 * A node that runs the same call for each item of a list, which may be unknown until the plan runs. Its
 * output is the list of all outputs.
 */
export interface MapNode extends Placed {
  readonly kind: 'map';
  readonly over: Binding;
  /**
   * Its input refers to the item and its index as the outputs `item` and `index` of the node `itemOf(id)`.
   */
  readonly each: StageCall | PipelineCall;
  /** Maximum number of items that run at the same time. Default: all. */
  readonly atMost?: number;
}

/** A node where a rule, a user or both decide whether to continue. Its output is a `GateDecision`. */
export interface GateNode extends Placed {
  readonly kind: 'gate';
  /** If this condition is false, the gate is not approved and no user is asked. */
  readonly rule?: Condition;
  /** Whether to ask a user; `summary` is the question. */
  readonly ask: boolean;
  /** The information to show to the user. */
  readonly show: Binding;
}

/** Any node of a plan. */
export type PlanNode = StageNode | PipelineNode | MapNode | GateNode;

/** The node id by which a map's call refers to the current item. */
export function itemOf(map: string): string {
  return `${map}[]`;
}

declare const resultType: unique symbol;

/**
 * A DAG as plain data, with its nodes in topological order. `Result` is the type of the resolved `result`.
 */
export interface Plan<Result = unknown> {
  readonly name: string;
  readonly nodes: readonly PlanNode[];
  readonly result: Binding;
  readonly [resultType]?: Result;
}

/** All bindings of a node, including those in its conditions. */
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

/** All bindings in a condition. */
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

/** Ids of the nodes that bindings refer to, without duplicates, in order of first use. */
export function mentionedNodes(...bindings: readonly Binding[]): string[] {
  return [...new Set(bindings.flatMap(references).map(({ node }) => node))];
}

/** All references in a binding. */
export function references(
  binding: Binding,
): readonly { readonly node: string; readonly path: readonly string[] }[] {
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
