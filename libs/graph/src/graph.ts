import type { DType, Tensor } from '@overture/tensors';
import type { Dim, Shape } from './dims.ts';

/** What is known of a value before the graph runs. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
  /** The elements of a short int64 list, where they are known: this is how shapes flow through Shape, Concat and Slice. */
  readonly contents?: readonly Dim[];
}

/** An attribute of a node; its ONNX kind is declared by the operator's row. */
export type Attribute = number | string | readonly number[];
export type Attributes = Readonly<Record<string, Attribute>>;

/** One application of an operator. Values are named; '' stands for an optional input left out. */
export interface GraphNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** What the caller feeds: data, or a parameter that training may change. */
export interface GraphInput {
  readonly name: string;
  readonly kind: 'input' | 'parameter';
}

/** A whole computation: plain data, nodes in an order in which they can run. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphInput[];
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly nodes: readonly GraphNode[];
  /** Names of the values that a run returns. */
  readonly outputs: readonly string[];
  /** The type of every value. */
  readonly types: ReadonlyMap<string, ValueType>;
}
