import { AppError } from '@overture/core';
import { float32 } from '@overture/tensors';
import { formatShape } from './dims.ts';
import { add } from './ops/add.ts';
import type { RowsGradient } from './op.ts';
import { opNamed } from './table.ts';
import type { Application, Value } from './value.ts';

/** The gradient of a loss with respect to a parameter. */
export type Gradient =
  /** A value with the parameter's shape. */
  | { readonly parameter: Value; readonly kind: 'dense'; readonly value: Value }
  /**
   * For a table that is only read by rows: add each `values[i]` to row `indices[i]`, part by part, in order.
   */
  | { readonly parameter: Value; readonly kind: 'rows'; readonly parts: readonly RowsGradient[] }
  /** For a table that is also used as a whole: the sum of both forms above. */
  | {
      readonly parameter: Value;
      readonly kind: 'mixed';
      readonly value: Value;
      readonly parts: readonly RowsGradient[];
    };

/**
 * Differentiates in reverse mode: records the gradient of a scalar loss with respect to each parameter in the
 * same graph, in the given order. Only values on a path from these parameters to the loss are differentiated.
 * @throws AppError `GRAPH_LOSS_NOT_SCALAR`, `GRAPH_PARAMETER_UNUSED`, `GRAPH_GRADIENT_MISSING`,
 * `GRAPH_ROWS_GRADIENT_LOST`
 */
export function withGradients(loss: Value, parameters: readonly Value[]): readonly Gradient[] {
  if (loss.dtype !== 'float32' || loss.shape.some((dim) => dim !== 1)) {
    throw new AppError(
      'GRAPH_LOSS_NOT_SCALAR',
      `A loss must be one float32 number. Got ${loss.dtype} ${formatShape(loss.shape)} instead: reduce it with reduceSum or reduceMean.`,
    );
  }
  const walk = new BackwardWalk(parameters);
  walk.from(loss);
  return parameters.map((parameter) => walk.gradientOf(parameter));
}

class BackwardWalk {
  readonly #parameters: readonly Value[];
  readonly #needed: Set<string>;
  readonly #applications: readonly Application[];
  readonly #dense = new Map<string, Value>();
  readonly #rows = new Map<string, RowsGradient[]>();
  /**
   * The application from which a value first received its gradient, to show the path to the loss in messages.
   */
  readonly #via = new Map<string, Application>();

  constructor(parameters: readonly Value[]) {
    this.#parameters = parameters;
    this.#needed = new Set(parameters.map(({ name }) => name));
    this.#applications = [...(parameters[0]?.builder.applications() ?? [])];
    for (const { inputs, outputs } of this.#applications) {
      if (!inputs.some((input) => input !== undefined && this.#needed.has(input.name))) continue;
      for (const output of outputs) if (output.dtype === 'float32') this.#needed.add(output.name);
    }
  }

  from(loss: Value): void {
    if (!this.#needed.has(loss.name)) return;
    this.#dense.set(loss.name, loss.builder.constant(float32(loss.shape as readonly number[], [1])));
    for (const application of [...this.#applications].reverse()) {
      if (application.outputs.some(({ name }) => this.#dense.has(name))) {
        loss.builder.scope('gradient', () => this.#through(application));
      }
    }
  }

  gradientOf(parameter: Value): Gradient {
    const [value, parts] = [this.#dense.get(parameter.name), this.#rows.get(parameter.name)];
    if (value !== undefined)
      return parts === undefined
        ? { parameter, kind: 'dense', value }
        : { parameter, kind: 'mixed', value, parts };
    if (parts !== undefined) return { parameter, kind: 'rows', parts };
    throw new AppError(
      'GRAPH_PARAMETER_UNUSED',
      `The loss must depend on every parameter that gets a gradient. Got ${JSON.stringify(parameter.name)}, on which it does not: leave it out.`,
      {
        details: { parameter: parameter.name },
      },
    );
  }

  #through(application: Application): void {
    const wants = application.inputs.map(
      (input) => input !== undefined && input.dtype === 'float32' && this.#needed.has(input.name),
    );
    if (!wants.includes(true)) return;
    const rule = opNamed(application.op).gradient;
    if (rule === undefined) {
      throw new AppError(
        'GRAPH_GRADIENT_MISSING',
        `${application.op} has no gradient rule. It lies on the path ${this.#path(application)}: add a rule to its row, or leave out the parameters behind it.`,
        {
          details: { op: application.op, path: this.#path(application) },
        },
      );
    }
    const gradients = rule({
      ...application,
      outputGradients: application.outputs.map(({ name }) => this.#dense.get(name)),
      wants,
    });
    application.inputs.forEach((input, i) => {
      const gradient = gradients[i];
      if (input !== undefined && wants[i] && gradient !== undefined)
        this.#deliver(input, gradient, application);
    });
  }

  #deliver(input: Value, gradient: Value | RowsGradient, from: Application): void {
    if (!this.#via.has(input.name)) this.#via.set(input.name, from);
    if (!('kind' in gradient)) {
      const known = this.#dense.get(input.name);
      this.#dense.set(input.name, known === undefined ? gradient : add(known, gradient));
    } else if (this.#parameters.some(({ name }) => name === input.name)) {
      this.#rows.set(input.name, [...(this.#rows.get(input.name) ?? []), gradient]);
    } else {
      throw new AppError(
        'GRAPH_ROWS_GRADIENT_LOST',
        `${from.op} can give its gradient as rows to a parameter only. Got the computed value ${JSON.stringify(input.name)} on the path ${this.#path(from)}: use gatherRows.`,
        {
          details: { op: from.op, path: this.#path(from) },
        },
      );
    }
  }

  /** Formats the path `loss ← Mul ← Gemm ← …` to an application. */
  #path(application: Application): string {
    const steps: string[] = [];
    for (
      let at: Application | undefined = application;
      at !== undefined;
      at = at.outputs.map(({ name }) => this.#via.get(name)).find((next) => next !== undefined)
    ) {
      steps.unshift(`${at.op} (${at.name})`);
    }
    return ['loss', ...steps].join(' ← ');
  }
}
