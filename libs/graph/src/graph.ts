import type { DType, Tensor } from '@overture/tensors';
import type { Dim, Shape } from './dims.ts';

/** Static type of a value. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Elements of a short int64 list, if known. They carry shapes through Shape, Concat, and Slice. */
  readonly contents?: readonly Dim[];
}

/** An attribute of a node. The operator's row declares its ONNX kind. */
export type Attribute = number | string | readonly number[];
/** Attributes of a node by name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** One application of an operator. Values are referenced by name; '' is an omitted optional input. */
export interface GraphNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A value that the caller feeds: data, or a trainable parameter. */
export interface GraphInput {
  readonly name: string;
  readonly kind: 'input' | 'parameter';
}

/** A complete computation as plain data, with nodes in execution order. */
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
