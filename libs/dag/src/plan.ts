import type { JsonValue } from '@overture/core';
import type { StageRetry, StageTimeouts } from './stage-contract.ts';

/** Where a value comes from: it stands here, another node will give it, or it is put together from such. */
export type Binding =
  | { readonly kind: 'literal'; readonly value: JsonValue }
  | { readonly kind: 'ref'; readonly node: string; readonly path: readonly string[] }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Binding>> }
  | { readonly kind: 'list'; readonly items: readonly Binding[] };

/** What a person said about the reuse of one node's earlier outputs; where nothing is said, its cache key decides. */
export type NodeReuse =
  /** It runs anew. */
  | { readonly kind: 'never' }
  /** It takes what it gave in that run: a run's id, Temporal's run id, or a workflow id for its newest run. */
  | { readonly kind: 'from'; readonly run: string };

/** One stage at one place of a plan, with all that an interpreter needs to run it. */
export interface PlanNode {
  /** Unique in the plan; the stage's name unless the pipeline gave another. */
  readonly id: string;
  readonly stage: string;
  readonly version: number;
  readonly summary: string;
  readonly queue: string;
  readonly timeouts: StageTimeouts;
  readonly retry: StageRetry;
  readonly input: Binding;
  /** Ids of the nodes whose outputs `input` mentions, in order of mention. */
  readonly needs: readonly string[];
  readonly reuse?: NodeReuse;
  /** Whether a person may go on without its output once it has failed. */
  readonly skippable?: true;
}

declare const resultType: unique symbol;

/** A DAG as plain data, in an order in which it can run. `Result` is the type of the resolved `result`. */
export interface Plan<Result = unknown> {
  readonly name: string;
  readonly nodes: readonly PlanNode[];
  readonly result: Binding;
  readonly [resultType]?: Result;
}

/** Ids of the nodes that a binding mentions, each once, in order of mention. */
export function mentionedNodes(binding: Binding): string[] {
  return [...new Set(references(binding).map(({ node }) => node))];
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
  }
}
