import type { DType, Tensor } from '@overture/tensors';
import type { Dim, Shape } from './dims.ts';
import type { Attributes, Graph } from './graph.ts';

/** A handle on a value of a graph under construction. Make them with the builder, combine them with free functions. */
export interface Value {
  readonly builder: GraphBuilder;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** See `ValueType.contents`. */
  readonly contents?: readonly Dim[];
}

/** A value, or a number that stands for a scalar constant of the other operand's type. */
export type Operand = Value | number;

/** One recorded application of an operator, as handles. */
export interface Application {
  readonly op: string;
  readonly name: string;
  /** undefined: an optional input left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** A graph under construction: the only mutable thing of this library. */
export interface GraphBuilder {
  /** Declares data that the caller feeds. */
  input(name: string, dtype: DType, shape: Shape): Value;
  /** Declares a float32 parameter that the caller feeds and `withGradients` can differentiate by. */
  parameter(name: string, shape: readonly number[]): Value;
  /** Embeds a tensor. Without a name, equal short constants become one value. */
  constant(tensor: Tensor, name?: string): Value;
  /** Makes a value a result of the graph, under this name. */
  output(name: string, value: Value): void;
  /** Everything recorded inside `body` carries this prefix in its name. */
  scope<T>(name: string, body: () => T): T;
  /** Records an operator of the table. The same operator on the same values gives the same values again. */
  apply(op: string, inputs: readonly (Value | undefined)[], attributes?: Attributes, outputCount?: number): readonly Value[];
  /** What has been recorded so far, in order. */
  applications(): readonly Application[];
  /** Names of the declared parameters, in order. */
  parameters(): readonly Value[];
  /** The graph of what the outputs need. @throws AppError `GRAPH_WITHOUT_OUTPUT` */
  build(): Graph;
}
