import type { LossName } from '@overture/training-settings';
import { readFile } from 'node:fs/promises';
import { counterRandom } from '@overture/core';
import { evaluate, graphBuilder, withGradients, div, type Graph } from '@overture/graph';
import { float32, int64, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { answerTargets, answerTokenLoss } from './answer-tokens.ts';
import { lossTable } from './loss-table.ts';
import type { Label, Loss } from './loss.ts';

// Numbers from PyTorch: tools/reference/pytorch/losses.py
interface Reference {
  readonly logits: number[][];
  readonly weights: number[];
  readonly cases: Record<
    string,
    {
      loss: LossName;
      labelSmoothing?: number;
      focalGamma?: number;
      labels: Label[];
      value: number;
      gradient: number[][];
    }
  >;
  readonly answerTokens: {
    ids: number[][];
    answerStarts: number[];
    logits: number[][];
    value: number;
    gradient: number[][];
  };
}

const reference = JSON.parse(
  await readFile(new URL('../reference/losses.json', import.meta.url), 'utf8'),
) as Reference;
const { logits, weights } = reference;
const classes = weights.length;
const matrix = (rows: readonly (readonly number[])[]): Tensor =>
  float32([rows.length, rows[0].length], rows.flat());
const rowsOf = ({ data, shape }: Tensor): number[][] =>
  Array.from({ length: shape[0] }, (_, i) =>
    Array.from(data as Float32Array).slice(i * shape[1], (i + 1) * shape[1]),
  );

function lossGraph(loss: Loss, examples: number): Graph {
  const builder = graphBuilder('loss');
  const x = builder.parameter('logits', [examples, classes]);
  const value = div(
    loss.sum(x, builder.input('targets', 'float32', [examples, ...loss.targetShape(classes)])),
    builder.input('normalizer', 'float32', []),
  );
  builder.output('loss', value);
  const [gradient] = withGradients(value, [x]);
  if (gradient.kind === 'dense') builder.output('gradient', gradient.value);
  return builder.build();
}

const feedsOf = (loss: Loss, labels: readonly Label[]): Record<string, Tensor> => ({
  logits: matrix(logits),
  targets: float32(
    [labels.length, ...loss.targetShape(classes)],
    labels.flatMap((label) => loss.targets(label, weights)),
  ),
  normalizer: float32([], [labels.reduce<number>((sum, label) => sum + loss.share(label, weights), 0)]),
});

function expectClose(ours: readonly number[][], theirs: readonly number[][]): void {
  ours.forEach((row, i) => row.forEach((x, k) => expect(x, `${i}, ${k}`).toBeCloseTo(theirs[i][k], 6)));
}

describe.each(Object.entries(reference.cases))(
  '%s',
  (_, { loss: name, labelSmoothing = 0, focalGamma = 2, labels, value, gradient }) => {
    const loss = lossTable[name]({ labelSmoothing, focalGamma });
    const graph = lossGraph(loss, labels.length);

    it("has PyTorch's value and gradient by the logits", () => {
      const results = evaluate(graph, feedsOf(loss, labels));
      expect(results['loss'].data[0]).toBeCloseTo(value, 5);
      expectClose(rowsOf(results['gradient']), gradient);
    });

    it('has a gradient that agrees with finite differences', () => {
      const direction = logits.map((row, i) =>
        row.map((__, k) => counterRandom(3, 'direction', i).normal(k)),
      );
      const at = (step: number): number =>
        evaluate(graph, {
          ...feedsOf(loss, labels),
          logits: matrix(logits.map((row, i) => row.map((x, k) => x + step * direction[i][k]))),
        })['loss'].data[0] as number;
      const slope = rowsOf(evaluate(graph, feedsOf(loss, labels))['gradient']).reduce(
        (sum, row, i) => row.reduce((s, g, k) => s + g * direction[i][k], sum),
        0,
      );
      expect((at(1e-2) - at(-1e-2)) / 2e-2).toBeCloseTo(slope, 3);
    });

    it('is the same example by example', () => {
      const sum = labels.reduce<number>(
        (total, label, i) => total + loss.of(logits[i], loss.targets(label, weights)),
        0,
      );
      expect(
        sum / labels.reduce<number>((total, label) => total + loss.share(label, weights), 0),
      ).toBeCloseTo(value, 6);
    });

    it('stays finite for logits far apart, and counts nothing where targets are zero', () => {
      const far = Array.from({ length: labels.length }, (__, i) =>
        Array.from({ length: classes }, (___, k) => (k === i % classes ? 1000 : -1000)),
      );
      const results = evaluate(graph, { ...feedsOf(loss, labels), logits: matrix(far) });
      expect(results['gradient'].data.every((x) => Number.isFinite(x))).toBe(true);
      const shape = [labels.length, ...loss.targetShape(classes)];
      expect(
        evaluate(graph, { ...feedsOf(loss, labels), targets: float32(shape) })['loss'].data[0],
      ).toBeCloseTo(0);
    });
  },
);

describe('focal and smoothed losses', () => {
  it('are the cross-entropy where their knob is at nothing', () => {
    const value = (loss: Loss): number =>
      evaluate(lossGraph(loss, 4), feedsOf(loss, [0, 1, 2, 1]))['loss'].data[0] as number;
    expect(value(lossTable.focal({ labelSmoothing: 0, focalGamma: 0 }))).toBeCloseTo(
      value(lossTable.crossEntropy({ labelSmoothing: 0, focalGamma: 0 })),
      6,
    );
  });

  it('know one class per example', () => {
    expect(() => lossTable.focal({ labelSmoothing: 0, focalGamma: 2 }).targets([1, 0, 1], weights)).toThrow(
      'This loss knows one class per example. Got the labels [1, 0, 1]: use binaryCrossEntropy.',
    );
  });
});

describe('answerTokenLoss', () => {
  const { ids, answerStarts, logits: all, value, gradient } = reference.answerTokens;
  const { rows, targets } = answerTargets(
    ids.map((sequence, i) => ({ ids: sequence, answerStart: answerStarts[i] })),
  );
  const places = Array.from(rows.data as BigInt64Array, Number);

  it("has the value and gradient of PyTorch's cross-entropy with −100 for prompts", () => {
    const builder = graphBuilder('answers');
    const x = builder.parameter('logits', [places.length, all[0].length]);
    const loss = answerTokenLoss(
      x,
      builder.input('targets', 'int64', [places.length]),
      builder.input('normalizer', 'float32', []),
    );
    builder.output('loss', loss);
    const [slope] = withGradients(loss, [x]);
    if (slope.kind === 'dense') builder.output('gradient', slope.value);
    const results = evaluate(builder.build(), {
      logits: matrix(places.map((row) => all[row])),
      targets,
      normalizer: float32([], [places.length]),
    });
    expect(results['loss'].data[0]).toBeCloseTo(value, 5);
    expectClose(
      rowsOf(results['gradient']),
      places.map((row) => gradient[row]),
    );
    gradient.forEach((row, i) => expect(places.includes(i) || row.every((g) => g === 0)).toBe(true));
  });

  it('names the token before each token of an answer', () => {
    const two = answerTargets([
      { ids: [5, 6, 7, 8], answerStart: 2 },
      { ids: [3, 4], answerStart: 1 },
    ]);
    expect(two).toEqual({ rows: int64([3], [1, 2, 4]), targets: int64([3], [7, 8, 4]) });
    expect(() => answerTargets([{ ids: [5, 6], answerStart: 2 }])).toThrow(
      'Sequence 0 must have a prompt and an answer. Got 2 tokens with the answer from 2: shorten the prompt, not the answer.',
    );
  });
});
