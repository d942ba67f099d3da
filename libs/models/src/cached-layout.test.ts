import { evaluate } from '@overture/graph';
import { int64, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { modelGraph } from './export-model.ts';
import { parseNetwork } from './families.ts';
import {
  cacheBytesPerToken,
  cacheShapeOf,
  nothingShared,
  OwnKeyValues,
  stepFeeds,
  type SharedKeyValues,
} from './key-value-cache.ts';
import { languageModelGraph, languageModelNames } from './language-model-graph.ts';
import { causalLanguageModel, sequenceClassifier } from './model.ts';
import { randomWeights, smallConfigs } from './testing/small-networks.ts';

const vocabulary = 12;

describe.each([
  ['two groups, tied', smallConfigs.llama],
  ['one head of keys, untied', smallConfigs['llama, wide heads, untied']],
])('a language model with a cache, %s', (_, json) => {
  const model = causalLanguageModel(parseNetwork(json));
  const weights = randomWeights(model);
  const graph = languageModelGraph(model, weights);
  const shape = cacheShapeOf(graph);

  /** Logits after every token of a sequence, computed in a single run. */
  const whole = (sequence: readonly number[]): number[][] => {
    const mask = sequence.map(() => 1);
    const { data } = evaluate(modelGraph(model, weights, { pooling: 'last' }), {
      input_ids: int64([1, sequence.length], sequence),
      attention_mask: int64([1, sequence.length], mask),
    })['logits'];
    return rowsOf(data as Float32Array);
  };

  const run = (
    sequences: readonly number[][],
    { shared, own, picks = [0] }: { shared: SharedKeyValues; own: OwnKeyValues; picks?: number[] },
  ): Record<string, Tensor> => {
    const count = sequences.flat().length;
    const step = {
      sequences,
      starts: own.lengths.map((length) => shared.length + length),
      chosen: Array.from({ length: count }, (__, i) => i),
    };
    const outputs = evaluate(graph, {
      ...stepFeeds(step),
      ...shared.feeds,
      ...own.feeds(),
      [languageModelNames.picks]: int64([picks.length], picks),
    });
    own.append(
      outputs,
      sequences.map(({ length }) => length),
    );
    return outputs;
  };

  const [beginning, first, second] = [
    [2, 5, 7],
    [3, 8, 1, 9],
    [4, 6],
  ];

  it('gives the logits of the whole sequence, whatever part of it is shared, own and new', () => {
    const prefix = new OwnKeyValues(shape, 1);
    run([beginning.slice(0, 2)], { shared: nothingShared(shape), own: prefix });
    run([beginning.slice(2)], { shared: nothingShared(shape), own: prefix });
    const shared = prefix.shared();
    expect(shared.length).toBe(3);
    const own = new OwnKeyValues(shape, 2);
    const [ends, later] = [
      [first.slice(0, 3), second.slice(0, 1)],
      [first.slice(3), second.slice(1)],
    ];
    const got = [
      ...rowsOf(run(ends, { shared, own })['logits'].data as Float32Array),
      ...rowsOf(run(later, { shared, own })['logits'].data as Float32Array),
    ];
    const [one, two] = [first, second].map((sequence) => whole([...beginning, ...sequence]).slice(3));
    expectClose(got, [one[0], one[1], one[2], two[0], one[3], two[1]]);
    expect(own.lengths).toEqual([4, 2]);
  });

  it('goes on with some sequences of a batch', () => {
    const own = new OwnKeyValues(shape, 3);
    run([first, second, beginning], { shared: nothingShared(shape), own });
    const some = own.of([2, 0]);
    const got = rowsOf(
      run([[6], [10]], { shared: nothingShared(shape), own: some })['logits'].data as Float32Array,
    );
    expectClose(got, [whole([...beginning, 6]).at(-1)!, whole([...first, 10]).at(-1)!]);
    expect([some.lengths, own.lengths]).toEqual([
      [4, 5],
      [4, 2, 3],
    ]);
    const more = OwnKeyValues.joined([own.of([1]), some]);
    const next = rowsOf(
      run([[9], [3], [1]], { shared: nothingShared(shape), own: more })['logits'].data as Float32Array,
    );
    expectClose(next, [
      whole([...second, 9]).at(-1)!,
      whole([...beginning, 6, 3]).at(-1)!,
      whole([...first, 10, 1]).at(-1)!,
    ]);
    expect(OwnKeyValues.joined([own])).toBe(own);
  });

  it('picks logarithms of probabilities', () => {
    const outputs = run([[2, 5]], {
      shared: nothingShared(shape),
      own: new OwnKeyValues(shape, 1),
      picks: [7, vocabulary + 3],
    });
    const logits = rowsOf(outputs['logits'].data as Float32Array);
    const expected = [
      [0, 7],
      [1, 3],
    ].map(
      ([row, token]) =>
        logits[row][token] - Math.log(logits[row].reduce((sum, logit) => sum + Math.exp(logit), 0)),
    );
    expected.forEach((value, i) => expect(outputs['picked'].data[i]).toBeCloseTo(value, 5));
  });

  it('keeps a few bytes a token, and takes weights as parameters', () => {
    expect(cacheBytesPerToken(shape)).toBe(2 * 2 * 4 * shape.keyValueHeads * shape.width);
    expect(
      languageModelGraph(model)
        .inputs.filter(({ kind }) => kind === 'parameter')
        .map(({ name }) => name),
    ).toEqual(model.parameters.map(({ name }) => name));
    expect(graph.inputs.some(({ kind }) => kind === 'parameter')).toBe(false);
  });
});

it('refuses networks without rotary positions, and classifiers', () => {
  const bert = causalLanguageModel(parseNetwork(smallConfigs.bert));
  expect(() => languageModelGraph(bert)).toThrow(/must belong to a decoder with rotary positions/);
  const classifier = sequenceClassifier(parseNetwork(smallConfigs.llama), { classes: 2 });
  expect(() => languageModelGraph(classifier)).toThrow(/must belong to a causal language model/);
});

function rowsOf(data: Float32Array): number[][] {
  return Array.from({ length: data.length / vocabulary }, (_, row) => [
    ...data.subarray(row * vocabulary, (row + 1) * vocabulary),
  ]);
}

function expectClose(got: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  expect(got.length).toBe(expected.length);
  got.forEach((row, i) =>
    row.forEach((logit, k) => expect(logit, `row ${i}, token ${k}`).toBeCloseTo(expected[i][k], 4)),
  );
}
