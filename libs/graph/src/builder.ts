import { AppError } from '@overture/core';
import { elementCount, tensorBytes, type DType, type Tensor } from '@overture/tensors';
import type { Shape } from './dims.ts';
import { removeDeadCode } from './dead-code.ts';
import type { Attributes, Graph, GraphInput, GraphNode, ValueType } from './graph.ts';
import { opNamed } from './table.ts';
import type { Application, GraphBuilder, Value } from './value.ts';

/** Creates an empty graph builder. */
export function graphBuilder(name: string): GraphBuilder {
  return new RecordingBuilder(name);
}

/**
 * The type of a constant. A short int64 list includes its elements, because it may be a shape or a list of
 * axes.
 */
export function typeOfTensor({ dtype, shape, data }: Tensor): ValueType {
  const readable = dtype === 'int64' && shape.length <= 1 && data.length <= 16;
  return readable ? { dtype, shape, contents: Array.from(data as BigInt64Array, Number) } : { dtype, shape };
}

function typeOfValue({ dtype, shape, contents }: Value): ValueType {
  return { dtype, shape, contents };
}

class RecordingBuilder implements GraphBuilder {
  readonly #name: string;
  readonly #inputs: GraphInput[] = [];
  readonly #parameters: Value[] = [];
  readonly #constants = new Map<string, Tensor>();
  readonly #applications: Application[] = [];
  readonly #outputs = new Map<string, Value>();
  readonly #values = new Map<string, Value>();
  /** Values by the expression that computes them, so that common subexpressions are recorded only once. */
  readonly #known = new Map<string, readonly Value[]>();
  readonly #counts = new Map<string, number>();
  #scope: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, dtype: DType, shape: Shape): Value {
    this.#claim(name);
    this.#inputs.push({ name, kind: 'input' });
    return this.#record(name, { dtype, shape });
  }

  parameter(name: string, shape: readonly number[]): Value {
    this.#claim(name);
    this.#inputs.push({ name, kind: 'parameter' });
    const value = this.#record(name, { dtype: 'float32', shape });
    this.#parameters.push(value);
    return value;
  }

  constant(tensor: Tensor, name?: string): Value {
    const key =
      name === undefined && elementCount(tensor.shape) <= 16
        ? `${tensor.dtype}[${tensor.shape}]${tensorBytes(tensor).join()}`
        : undefined;
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known[0];
    const called = name ?? this.#fresh('constant');
    if (name !== undefined) this.#claim(name);
    this.#constants.set(called, tensor);
    const value = this.#record(called, typeOfTensor(tensor));
    if (key !== undefined) this.#known.set(key, [value]);
    return value;
  }

  output(name: string, value: Value): void {
    if (this.#outputs.has(name))
      throw new AppError(
        'GRAPH_NAME_TAKEN',
        `Outputs of a graph must have different names. Got ${JSON.stringify(name)} twice.`,
      );
    this.#outputs.set(name, this.#own(value, 'output'));
  }

  scope<T>(name: string, body: () => T): T {
    this.#scope.push(name);
    try {
      return body();
    } finally {
      this.#scope.pop();
    }
  }

  apply(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes = {},
    outputCount = 1,
  ): readonly Value[] {
    const row = opNamed(op);
    for (const input of inputs) if (input !== undefined) this.#own(input, op);
    const key = JSON.stringify([op, inputs.map((input) => input?.name ?? ''), attributes, outputCount]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const types = row.infer(inputs, attributes, outputCount);
    const name = this.#fresh(op);
    const outputs = types.map((type, i) => this.#record(i === 0 ? name : `${name}:${i}`, type));
    this.#applications.push({ op, name, inputs, outputs, attributes });
    this.#known.set(key, outputs);
    return outputs;
  }

  applications(): readonly Application[] {
    return this.#applications;
  }

  parameters(): readonly Value[] {
    return this.#parameters;
  }

  build(): Graph {
    if (this.#outputs.size === 0)
      throw new AppError(
        'GRAPH_WITHOUT_OUTPUT',
        `Graph ${this.#name} must have an output. Call builder.output(name, value) first.`,
      );
    const renamed = this.#outputNames();
    const called = (value: Value | undefined): string =>
      value === undefined ? '' : (renamed.get(value.name) ?? value.name);
    const nodes: GraphNode[] = this.#applications.map(({ op, name, inputs, outputs, attributes }) => {
      return { op, name, inputs: inputs.map(called), outputs: outputs.map(called), attributes };
    });
    const types = new Map([...this.#values.values()].map((value) => [called(value), typeOfValue(value)]));
    for (const [name, value] of this.#outputs) {
      if (name === called(value)) continue; // an input, a constant, or a value that already is another output
      nodes.push({
        op: 'Identity',
        name: `output ${name}`,
        inputs: [called(value)],
        outputs: [name],
        attributes: {},
      });
      types.set(name, typeOfValue(value));
    }
    return removeDeadCode({
      name: this.#name,
      inputs: this.#inputs,
      constants: this.#constants,
      nodes,
      outputs: [...this.#outputs.keys()],
      types,
    });
  }

  /** Computed values are renamed to the outputs they represent. */
  #outputNames(): Map<string, string> {
    const computed = new Set(this.#applications.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
    const renamed = new Map<string, string>();
    for (const [name, value] of this.#outputs) {
      if (this.#values.has(name) && name !== value.name) {
        throw new AppError(
          'GRAPH_NAME_TAKEN',
          `Output ${JSON.stringify(name)} must not be named like another value of the graph.`,
        );
      }
      if (computed.has(value.name) && !renamed.has(value.name)) renamed.set(value.name, name);
    }
    return renamed;
  }

  #record(name: string, { dtype, shape, contents }: ValueType): Value {
    const value: Value = { builder: this, name, dtype, shape, contents };
    this.#values.set(name, value);
    return value;
  }

  #claim(name: string): void {
    if (name === '' || this.#values.has(name)) {
      throw new AppError(
        'GRAPH_NAME_TAKEN',
        `Inputs, parameters and constants must have different names. Got ${JSON.stringify(name)} twice.`,
      );
    }
  }

  #fresh(what: string): string {
    const prefix = [...this.#scope, what].join('/');
    for (;;) {
      const count = this.#counts.get(prefix) ?? 0;
      this.#counts.set(prefix, count + 1);
      const name = count === 0 ? prefix : `${prefix}.${count}`;
      if (!this.#values.has(name)) return name;
    }
  }

  #own(value: Value, op: string): Value {
    if (value.builder === this) return value;
    throw new AppError(
      'GRAPH_VALUE_FOREIGN',
      `${op} in graph ${this.#name} must get values of that graph. Got ${JSON.stringify(value.name)} of another.`,
    );
  }
}
