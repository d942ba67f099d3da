import { readFileSync } from 'node:fs';
import { AppError, counterRandom } from '@overture/core';
import { checkGraph, decodeOnnx, importOnnx } from '@overture/graph';
import { dequantise, parseGguf, parseSafetensors } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { exportModel } from './export-model.ts';
import { parseNetwork } from './families.ts';
import { ggufConfigJson } from './gguf/gguf-config.ts';
import { ggufTokenizerJson } from './gguf/gguf-tokenizer.ts';
import { ggufWeights } from './gguf/gguf-weights.ts';
import { encodeWeights, loadWeights, parseWeights } from './model-weights.ts';
import { causalLanguageModel, sequenceClassifier } from './model.ts';
import { randomWeights, smallConfigs } from './testing/small-networks.ts';

// 10,000 files in all, of five kinds; OVERTURE_FUZZ=50 makes fifty times as many, from other seeds.
const longer = Number(process.env['OVERTURE_FUZZ'] ?? 1);
const rounds = 2000 * longer;
const slowest = 10_000; // milliseconds for one file: it takes one, but the machine may do other things beside
const largestGrowth = 512 * 2 ** 20; // bytes of memory, garbage included

const gguf = new Uint8Array(readFileSync(new URL('./reference/small-llama.gguf', import.meta.url)));
const encodings = new Uint8Array(readFileSync(new URL('../../tensors/src/reference/encodings.gguf', import.meta.url)));
const classifier = sequenceClassifier(parseNetwork(smallConfigs.bert), { classes: 2 });
const weights = randomWeights(classifier);
const language = causalLanguageModel(parseNetwork(smallConfigs.llama));

type Mutation = (bytes: Uint8Array, draw: (below: number) => number) => Uint8Array;

/** What happens to files, and what an attacker does. Places are drawn from the beginning more often: there the headers lie. */
const mutations: readonly Mutation[] = [
  (bytes, draw) => edited(bytes, (copy) => { for (let k = 1 + draw(4); k > 0; k--) copy[place(copy, draw)] = draw(256); }),
  (bytes, draw) => edited(bytes, (copy) => { copy[place(copy, draw)] ^= 1 << draw(8); }),
  (bytes, draw) => bytes.slice(0, draw(bytes.length)),
  (bytes, draw) => edited(bytes, (copy) => { const from = place(copy, draw); copy.fill(draw(2) * 255, from, Math.min(copy.length, from + 1 + draw(16))); }),
  (bytes, draw) => edited(bytes, (copy) => copy.set(littleEndian(extremes[draw(extremes.length)]).subarray(0, copy.length), Math.max(0, Math.min(place(copy, draw), copy.length - 8)))),
  (bytes, draw) => { const at = place(bytes, draw); return joined(bytes.subarray(0, at), bytes.subarray(at, at + draw(64)), bytes.subarray(at)); },
  (bytes, draw) => { const at = place(bytes, draw); return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + draw(64))); },
];
const extremes = [0n, 1n, 0x7fffffffn, 0xffffffffn, 0x100000000n, 2n ** 53n, 2n ** 62n, 2n ** 64n - 1n];

const littleEndian = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);

const place = (bytes: Uint8Array, draw: (below: number) => number): number => draw(draw(3) === 0 ? bytes.length : Math.min(bytes.length, 1024));
const edited = (bytes: Uint8Array, edit: (copy: Uint8Array) => void): Uint8Array => {
  const copy = new Uint8Array(bytes);
  edit(copy);
  return copy;
};
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

interface Outcome {
  read: number;
  refused: number;
}

/** Reads mutated files; anything but success and typed errors that will not go away by themselves fails. */
function attack(file: Uint8Array, name: string, read: (bytes: Uint8Array) => unknown): Outcome {
  const outcome = { read: 0, refused: 0 };
  const before = process.memoryUsage().rss;
  for (let round = 0; round < rounds; round++) {
    const random = counterRandom(longer, name, round);
    let drawn = 0;
    const draw = (below: number): number => random.below(drawn++, Math.max(1, below));
    let bytes = mutations[draw(mutations.length)](file, draw);
    if (draw(4) === 0) bytes = mutations[draw(mutations.length)](bytes, draw);
    const start = performance.now();
    try {
      read(bytes);
      outcome.read++;
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw new Error(`${name}, round ${round}: ${String((thrown as Error).stack)}`, { cause: thrown });
      expect(thrown.retryable, thrown.message).toBe(false);
      expect(thrown.message.length, `the message of round ${round}`).toBeLessThan(4000);
      outcome.refused++;
    }
    expect(performance.now() - start, `${name}, round ${round}`).toBeLessThan(slowest);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(largestGrowth);
  return outcome;
}

describe(`of ${5 * rounds} damaged files, each is read or refused by a typed error, soon and in little memory:`, () => {
  const timeout = 120_000 * longer;

  it('safetensors', () => {
    const file = encodeWeights(weights);
    const { refused } = attack(file, 'safetensors', (bytes) => {
      parseSafetensors(bytes, 'x');
      return parseWeights(bytes, classifier, { where: 'x', seed: 0 });
    });
    expect(refused).toBeGreaterThan(rounds / 4);
  }, timeout);

  it('GGUF', () => {
    const half = (file: Uint8Array): Outcome =>
      attack(file, 'gguf', (bytes) => {
        const parsed = parseGguf(bytes, 'x');
        for (const tensor of parsed.tensors.values()) dequantise(tensor);
        if (file === encodings) return undefined;
        ggufTokenizerJson(parsed, 'x');
        const model = causalLanguageModel(parseNetwork(ggufConfigJson(parsed, 'x')));
        return loadWeights(ggufWeights(bytes, 'x'), model, { where: 'x', seed: 0 });
      });
    expect(half(gguf).refused).toBeGreaterThan(rounds / 4);
    half(encodings);
  }, 2 * timeout);

  it('ONNX', () => {
    const files = [exportModel(classifier, weights, { pooling: 'mean' }), exportModel(language, randomWeights(language), { pooling: 'last' })];
    for (const [i, file] of files.entries()) {
      const { refused } = attack(file, `onnx ${i}`, (bytes) => {
        importOnnx(bytes, 'x', { lengths: { batch: 2, length: 5 } });
        return checkGraph(decodeOnnx(bytes, 'x'));
      });
      expect(refused).toBeGreaterThan(rounds / 8);
    }
  }, 2 * timeout);
});
