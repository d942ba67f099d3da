import type { DType } from '@overture/tensors';
import type { Attributes, ValueType } from './graph.ts';
import type { ReferenceArray } from './reference-array.ts';
import type { Application, Value } from './value.ts';

/** Gradient of a table as a list of rows: `values[i]` is added to row `indices[i]`. Rows can repeat. */
export interface RowsGradient {
  readonly kind: 'rows';
  /** int64 [n] */
  readonly indices: Value;
  /** float32 [n, …row] */
  readonly values: Value;
}

/** Input of a gradient rule. */
export interface GradientContext extends Application {
  /** The gradient of the loss with respect to each output; undefined if the loss does not depend on it. */
  readonly outputGradients: readonly (Value | undefined)[];
  /** Which inputs need a gradient; others can be skipped. */
  readonly wants: readonly boolean[];
}

/** Returns the gradient of the loss with respect to each input; undefined if it is not needed or zero. */
export type GradientRule = (context: GradientContext) => readonly (Value | RowsGradient | undefined)[];

/** An input of a test case. Default: float32 values from a standard normal distribution. */
export interface CaseInput {
  readonly shape: readonly number[];
  readonly dtype?: DType;
  /** `positive`: from 0.5 to 2; a number n: integers from 0 to n − 1; a list: exactly these values. */
  readonly values?: 'normal' | 'positive' | number | readonly number[];
  /** Whether the gradient with respect to this input is tested. Default: true for float32. */
  readonly differentiate?: boolean;
}

/** A test case of an operator: its inputs and what is built from them. Three test suites run every case. */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  build(values: readonly Value[]): Value | readonly Value[];
  /** Maximum error against onnxruntime, relative to the largest element. Default 1e-5. */
  readonly tolerance?: number;
}

/** The definition of an operator. */
export interface OpRow {
  readonly name: string;
  /** '' is ONNX; `overture` operators are lowered before encoding. */
  readonly domain: '' | 'com.microsoft' | 'overture';
  readonly attributes?: Readonly<Record<string, 'int' | 'float' | 'ints' | 'string'>>;
  /** Minimum and maximum number of inputs. */
  readonly arity: readonly [least: number, most: number];
  /**
   * Infers the types of the outputs.
   * @throws AppError that names the mismatch
   */
  infer(
    inputs: readonly (ValueType | undefined)[],
    attributes: Attributes,
    outputCount: number,
  ): readonly ValueType[];
  /** Computes the definition in float64. Simple and slow; for tests and constant folding. */
  evaluate(
    inputs: readonly (ReferenceArray | undefined)[],
    attributes: Attributes,
    outputCount: number,
  ): readonly ReferenceArray[];
  /** Absent for operators whose outputs are not floats. */
  readonly gradient?: GradientRule;
  /**
   * For `overture` operators: the equivalent in ONNX operators. For others: a faster equivalent, or undefined
   * to keep the operator.
   */
  lower?(inputs: readonly Value[], attributes: Attributes, outputCount: number): readonly Value[] | undefined;
  /**
   * Whether the definition produces the same bits as every runtime. True for operators that only move
   * elements.
   */
  readonly exact?: boolean;
  readonly cases: readonly OpCase[];
}
