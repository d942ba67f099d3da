import type { DType, Tensor } from '@overture/tensors';
import type { Dim, Shape } from './dims.ts';
import type { Attributes, Graph } from './graph.ts';

/**
 * A handle on a value of a graph under construction. The builder creates values, and free functions combine
 * them.
 */
export interface Value {
  readonly builder: GraphBuilder;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** See `ValueType.contents`. */
  readonly contents?: readonly Dim[];
}

/** A value, or a number that becomes a scalar constant of the other operand's type. */
export type Operand = Value | number;

/** One recorded application of an operator, with handles. */
export interface Application {
  readonly op: string;
  readonly name: string;
  /** undefined: an omitted optional input. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** A graph under construction. It is the only mutable type of this library. */
export interface GraphBuilder {
  /**
   * Declares data that the caller feeds.
   * @throws AppError `GRAPH_NAME_TAKEN`
   */
  input(name: string, dtype: DType, shape: Shape): Value;
  /**
   * Declares a float32 parameter that the caller feeds. `withGradients` can differentiate with respect to it.
   * @throws AppError `GRAPH_NAME_TAKEN`
   */
  parameter(name: string, shape: readonly number[]): Value;
  /**
   * Adds a constant. Without a name, equal short constants become one value.
   * @throws AppError `GRAPH_NAME_TAKEN`
   */
  constant(tensor: Tensor, name?: string): Value;
  /**
   * Makes a value an output of the graph under this name.
   * @throws AppError `GRAPH_NAME_TAKEN`, `GRAPH_VALUE_FOREIGN`
   */
  output(name: string, value: Value): void;
  /** Runs `body`. Everything recorded in it has this prefix in its name. */
  scope<T>(name: string, body: () => T): T;
  /**
   * Records an operator of the table. The same operator with the same inputs and attributes returns the same
   * values again.
   * @throws AppError `GRAPH_OP_UNKNOWN`, `GRAPH_TYPE_MISMATCH`, `GRAPH_VALUE_FOREIGN`
   */
  apply(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes?: Attributes,
    outputCount?: number,
  ): readonly Value[];
  /** The applications recorded so far, in order. */
  applications(): readonly Application[];
  /** The declared parameters, in order. */
  parameters(): readonly Value[];
  /**
   * Builds the graph, without anything that the outputs do not need.
   * @throws AppError `GRAPH_WITHOUT_OUTPUT`, `GRAPH_NAME_TAKEN`
   */
  build(): Graph;
}
