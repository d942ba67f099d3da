import { readFileSync } from 'node:fs';
import { float32, int64, parseSafetensors, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { graphBuilder } from '../builder.ts';
import { checkGraph } from '../check-graph.ts';
import { evaluate } from '../evaluate.ts';
import type { Graph } from '../graph.ts';
import { inlineGraph } from '../inline-graph.ts';
import { reduceSumSquare } from '../ops/reduce-sum-square.ts';
import { gemm } from '../ops/gemm.ts';
import { withGradients } from '../with-gradients.ts';
import { encodeOnnx } from './encode-onnx.ts';
import { importOnnx } from './import-onnx.ts';
import { replaceInitializers } from './replace-initializers.ts';

// Small encoders from PyTorch's exporter, with loss and gradients in float64:
// tools/reference/pytorch/onnx_encoder.py
const fileOf = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../reference/${name}`, import.meta.url)));
const reference = JSON.parse(new TextDecoder().decode(fileOf('onnx-encoders.json'))) as {
  ids: number[][];
  mask: number[][];
  models: Record<string, { loss: number; logits: number[][]; inputs: string[] }>;
};
const lengths = { batch_size: 2, sequence_length: 5 };
const feeds = {
  input_ids: int64([2, 5], reference.ids.flat()),
  attention_mask: int64([2, 5], reference.mask.flat()),
  token_type_ids: int64([2, 5]),
};
const weightsOf = ({ constants }: Graph): [string, Tensor][] =>
  [...constants].filter(([, { dtype, shape }]) => dtype === 'float32' && shape.length > 0);

/** Σ logits² and its gradients with respect to every weight of the file; gradients of tables are summed. */
function differentiate(
  graph: Graph,
  names: readonly string[],
): { loss: number; gradients: Map<string, Float32Array> } {
  const builder = graphBuilder('around an import');
  const bindings = Object.fromEntries(
    graph.inputs.map(({ name }) => [name, builder.input(name, 'int64', [2, 5])]),
  );
  const parameters = names.map((name) => builder.parameter(name, graph.constants.get(name)!.shape));
  const { logits } = inlineGraph(builder, graph, {
    ...bindings,
    ...Object.fromEntries(parameters.map((value) => [value.name, value])),
  });
  const loss = reduceSumSquare(logits);
  builder.output('loss', loss);
  for (const gradient of withGradients(loss, parameters)) {
    if (gradient.kind !== 'rows') builder.output(`d ${gradient.parameter.name}`, gradient.value);
    if (gradient.kind === 'dense') continue;
    gradient.parts.forEach((part, i) => {
      builder.output(`rows ${i} ${gradient.parameter.name}`, part.values);
      builder.output(`places ${i} ${gradient.parameter.name}`, part.indices);
    });
  }
  const results = evaluate(builder.build(), {
    ...feeds,
    ...Object.fromEntries(names.map((name) => [name, graph.constants.get(name)!])),
  });
  const gradients = new Map<string, Float32Array>();
  for (const name of names) {
    const { shape, data } = graph.constants.get(name)!;
    const sum = (results[`d ${name}`]?.data as Float32Array | undefined) ?? new Float32Array(data.length);
    for (let i = 0; results[`rows ${i} ${name}`] !== undefined; i++) {
      const [rows, width] = [results[`rows ${i} ${name}`].data as Float32Array, shape[1]];
      (results[`places ${i} ${name}`].data as BigInt64Array).forEach((place, row) =>
        rows
          .subarray(row * width, (row + 1) * width)
          .forEach((value, k) => (sum[Number(place) * width + k] += value)),
      );
    }
    gradients.set(name, sum);
  }
  return { loss: (results['loss'].data as Float32Array)[0], gradients };
}

describe.each(Object.entries(reference.models))('an encoder that PyTorch exported, %s', (name, expected) => {
  const bytes = fileOf(`${name}.onnx`);
  const graph = importOnnx(bytes, `${name}.onnx`, { lengths });
  const gradients = parseSafetensors(fileOf(`${name}-onnx-gradients.safetensors`), name).tensors;

  it('is a sound graph without anything that computes shapes, and computes the same logits', () => {
    expect(checkGraph(graph)).toEqual([]);
    expect(graph.inputs.map((input) => input.name)).toEqual(expected.inputs);
    expect(
      graph.nodes
        .map(({ op }) => op)
        .filter((op) => ['Shape', 'Constant', 'Range', 'ConstantOfShape', 'Concat'].includes(op)),
    ).toEqual([]);
    evaluate(graph, feeds)['logits'].data.forEach((logit, i) =>
      expect(logit).toBeCloseTo(expected.logits.flat()[i], 5),
    );
  });

  it('has the gradients that PyTorch computes, relative error at most 1e-4', () => {
    const { loss, gradients: got } = differentiate(graph, [...gradients.keys()]);
    expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-5);
    expect(gradients.size).toBeGreaterThan(15);
    for (const [weight, { data }] of gradients) {
      const size = Math.max(1e-12, Math.hypot(...(data as Float32Array)));
      expect(
        Math.hypot(...(data as Float32Array).map((value, i) => value - got.get(weight)![i])) / size,
        weight,
      ).toBeLessThan(1e-4);
    }
  });

  it('learns, and its file takes the new weights and nothing else', () => {
    const names = [...gradients.keys()];
    const before = differentiate(graph, names);
    const stepped = new Map(
      names.map((weight) => {
        const { shape, data } = graph.constants.get(weight)!;
        return [
          weight,
          float32(
            shape,
            (data as Float32Array).map((value, i) => value - 1e-3 * before.gradients.get(weight)![i]),
          ),
        ];
      }),
    );
    const written = replaceInitializers(bytes, stepped, `${name}.onnx`);
    expect(written.length).toBe(bytes.length);
    const again = importOnnx(written, `${name}.onnx`, { lengths });
    for (const [weight, tensor] of weightsOf(again))
      if (stepped.has(weight)) expect(tensor.data, weight).toEqual(stepped.get(weight)!.data);
    expect(differentiate(again, names).loss).toBeLessThan(before.loss);
    expect(
      replaceInitializers(
        written,
        new Map(names.map((weight) => [weight, graph.constants.get(weight)!])),
        'back',
      ),
    ).toEqual(bytes);
  });
});

describe('importOnnx', () => {
  it('wants a number for every named length', () => {
    expect(() => importOnnx(fileOf('bert.onnx'), 'bert.onnx', { lengths: { batch_size: 2 } })).toThrow(
      'bert.onnx must be imported with a number for each named length of its inputs. Missing: sequence_length.',
    );
  });

  it('says which operator is missing', () => {
    const builder = graphBuilder('g');
    const w = builder.constant(float32([2, 2], [1, 2, 3, 4]), 'w');
    builder.output('y', gemm(builder.input('x', 'float32', [2, 2]), w));
    const strange = Buffer.from(
      Buffer.from(encodeOnnx(builder.build())).toString('latin1').replaceAll('Gemm', 'Hmmm'),
      'latin1',
    );
    expect(() => importOnnx(strange, 'x', { lengths: {} })).toThrow('Got "Hmmm" instead');
  });
});

describe('replaceInitializers', () => {
  it('refuses weights that are not there or do not fit, all of them together', () => {
    const wrong = new Map([
      ['nowhere', float32([1])],
      ['classifier.bias', float32([3])],
    ]);
    expect(() => replaceInitializers(fileOf('bert.onnx'), wrong, 'bert.onnx')).toThrow(
      'The weights must fit bert.onnx. nowhere is none of its weights. classifier.bias is float32 [2]. Got float32 [3].',
    );
  });
});
