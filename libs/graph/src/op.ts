import type { DType } from '@overture/tensors';
import type { Attributes, ValueType } from './graph.ts';
import type { ReferenceArray } from './reference-array.ts';
import type { Application, Value } from './value.ts';

/** The gradient of a table by the rows that were read: `values[i]` belongs to row `indices[i]`; rows may repeat. */
export interface RowsGradient {
  readonly kind: 'rows';
  /** int64 [n] */
  readonly indices: Value;
  /** float32 [n, …row] */
  readonly values: Value;
}

/** What a gradient rule sees. */
export interface GradientContext extends Application {
  /** The gradient of the loss by each output; undefined where the loss does not depend on it. */
  readonly outputGradients: readonly (Value | undefined)[];
  /** Which inputs need a gradient: work for the others is wasted. */
  readonly wants: readonly boolean[];
}

/** The gradient of the loss by each input; undefined where it is not wanted or is zero. */
export type GradientRule = (context: GradientContext) => readonly (Value | RowsGradient | undefined)[];

/** How a spec case fills an input. Default: float32, drawn from a standard normal distribution. */
export interface CaseInput {
  readonly shape: readonly number[];
  readonly dtype?: DType;
  /** `positive`: from 0.5 to 2; a number n: integers below n; a list: exactly these. */
  readonly values?: 'normal' | 'positive' | number | readonly number[];
  /** Whether the gradient by this input is tested. Default: true for float32. */
  readonly differentiate?: boolean;
}

/** One line of an operator's spec: what is built, from which inputs. Every case is run by three suites. */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  build(values: readonly Value[]): Value | readonly Value[];
  /** Largest error against onnxruntime, relative to the largest element. Default 1e-5. */
  readonly tolerance?: number;
}

/** Everything the library knows of one operator. */
export interface OpRow {
  readonly name: string;
  /** '' is ONNX itself; `overture` operators are lowered before encoding. */
  readonly domain: '' | 'com.microsoft' | 'overture';
  readonly attributes?: Readonly<Record<string, 'int' | 'float' | 'ints' | 'string'>>;
  /** How many inputs it takes at least and at most. */
  readonly arity: readonly [least: number, most: number];
  /** Types of the outputs. @throws AppError with a sentence about what does not fit. */
  infer(inputs: readonly (ValueType | undefined)[], attributes: Attributes, outputCount: number): readonly ValueType[];
  /** The definition, slow and plain, in float64. `outputs` are the inferred types with all lengths known where inference could tell. */
  evaluate(inputs: readonly (ReferenceArray | undefined)[], attributes: Attributes, outputCount: number): readonly ReferenceArray[];
  /** Absent for operators that return no floats. */
  readonly gradient?: GradientRule;
  /** For `overture` operators: the same computation in ONNX operators. For others: in those that run faster, or undefined where it is best as it is. */
  lower?(inputs: readonly Value[], attributes: Attributes, outputCount: number): readonly Value[] | undefined;
  /** Whether the definition gives the very bits of every runtime: operators that move elements and compute none. */
  readonly exact?: boolean;
  readonly cases: readonly OpCase[];
}
