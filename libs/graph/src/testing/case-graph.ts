import { counterRandom } from '@overture/core';
import { elementCount, type Tensor } from '@overture/tensors';
import { graphBuilder } from '../builder.ts';
import type { Graph } from '../graph.ts';
import type { CaseInput, OpCase } from '../op.ts';
import { add } from '../ops/add.ts';
import { mul } from '../ops/mul.ts';
import { reduceSum } from '../ops/reduce-sum.ts';
import { fromReference, referenceArray, type ReferenceArray } from '../reference-array.ts';
import type { Value } from '../value.ts';
import { withGradients } from '../with-gradients.ts';

/** A test case as a graph with its feeds. */
export interface CaseGraph {
  /** Outputs `y0`, `y1`, …; in a gradient graph also `loss` and `d x0`, … */
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Names of the inputs with a gradient. */
  readonly differentiated: readonly string[];
}

/** Builds the forward graph of a case. */
export function forwardGraph(opCase: OpCase): CaseGraph {
  const builder = graphBuilder('case');
  const { values, feeds } = declare(builder, opCase);
  outputsOf(opCase, values).forEach((value, i) => builder.output(`y${i}`, value));
  return { graph: builder.build(), feeds, differentiated: [] };
}

/**
 * Builds a case with a loss and the gradient with respect to every float input; undefined if there is none.
 * The loss is a random weighting of the float outputs. A plain sum would not do: the sum of a softmax is
 * constant and would test nothing.
 */
export function gradientGraph(opCase: OpCase): CaseGraph | undefined {
  const builder = graphBuilder('gradient case');
  const { values, feeds } = declare(builder, opCase);
  const parameters = values.filter((_, i) => isDifferentiated(opCase.inputs[i]));
  const outputs = outputsOf(opCase, values).filter(({ dtype }) => dtype === 'float32');
  if (parameters.length === 0 || outputs.length === 0) return undefined;
  const losses = outputs.map((output, i) => {
    const shape = output.shape as readonly number[];
    const random = counterRandom(7, 'weights', i);
    return reduceSum(
      mul(output, builder.constant(fromReference(referenceArray('float32', shape, (k) => random.normal(k))))),
    );
  });
  const loss = losses.reduce((sum, each) => add(sum, each));
  builder.output('loss', loss);
  for (const gradient of withGradients(loss, parameters)) {
    if (gradient.kind !== 'rows') builder.output(`d ${gradient.parameter.name}`, gradient.value);
    if (gradient.kind === 'dense') continue;
    gradient.parts.forEach((part, i) => {
      builder.output(`rows ${gradient.parameter.name} ${i}`, part.values);
      builder.output(`indices ${gradient.parameter.name} ${i}`, part.indices);
    });
  }
  return { graph: builder.build(), feeds, differentiated: parameters.map(({ name }) => name) };
}

function declare(
  builder: ReturnType<typeof graphBuilder>,
  opCase: OpCase,
): { values: Value[]; feeds: Record<string, Tensor> } {
  const feeds: Record<string, Tensor> = {};
  const values = opCase.inputs.map((input, i) => {
    feeds[`x${i}`] = fromReference(drawn(input, i));
    return isDifferentiated(input)
      ? builder.parameter(`x${i}`, input.shape)
      : builder.input(`x${i}`, input.dtype ?? 'float32', input.shape);
  });
  return { values, feeds };
}

function outputsOf(opCase: OpCase, values: readonly Value[]): readonly Value[] {
  const built = opCase.build(values);
  return 'builder' in built ? [built] : built;
}

function isDifferentiated({ dtype = 'float32', differentiate = true }: CaseInput): boolean {
  return dtype === 'float32' && differentiate;
}

function drawn({ shape, dtype = 'float32', values = 'normal' }: CaseInput, stream: number): ReferenceArray {
  const random = counterRandom(11, 'case', stream, elementCount(shape));
  return referenceArray(dtype, shape, (i) => {
    if (values === 'normal') return random.normal(i);
    if (values === 'positive') return 0.5 + 1.5 * random.uniform(i);
    return typeof values === 'number' ? random.below(i, values) : values[i];
  });
}
