import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@overture/core';
import { checkGraph, decodeOnnx, importOnnx } from '@overture/graph';
import { dequantize, parseGguf, parseSafetensors } from '@overture/tensors';
import { afterAll, describe, expect, it } from 'vitest';
import { exportModel } from './export-model.ts';
import { parseNetwork } from './families.ts';
import { ggufConfigJson } from './gguf/gguf-config.ts';
import { ggufTokenizerJson } from './gguf/gguf-tokenizer.ts';
import { ggufWeights } from './gguf/gguf-weights.ts';
import { encodeWeights, loadWeights, parseWeights } from './model-weights.ts';
import { causalLanguageModel, sequenceClassifier } from './model.ts';
import { damaged, fuzz, fuzzPlan, type FuzzLimits } from './testing/fuzzing.ts';
import { randomWeights, smallConfigs } from './testing/small-networks.ts';

// 10,000 files of five kinds, always the same; testing/fuzzing.ts explains how to run more.
const plan = fuzzPlan(process.env, 2000);
// a file takes one millisecond, but the machine may be busy
const limits: FuzzLimits = { milliseconds: 10_000, bytes: 512 * 2 ** 20 };

const gguf = new Uint8Array(readFileSync(new URL('./reference/small-llama.gguf', import.meta.url)));
const encodings = new Uint8Array(
  readFileSync(new URL('../../tensors/src/reference/encodings.gguf', import.meta.url)),
);
const classifier = sequenceClassifier(parseNetwork(smallConfigs.bert), { classes: 2 });
const weights = randomWeights(classifier);
const language = causalLanguageModel(parseNetwork(smallConfigs.llama));

function attack(file: Uint8Array, name: string, read: (bytes: Uint8Array) => unknown): void {
  const outcome = fuzz(file, name, { plan, limits, read });
  const count = outcome.read + outcome.refused;
  if (plan.rounds !== 2000)
    process.stdout.write(`${name}: seed ${plan.seed}, ${count} damaged files, ${outcome.refused} refused\n`);
  expect(count).toBeGreaterThan(0);
  if (count >= 2000) expect(outcome.refused).toBeGreaterThan(count / 8); // the damage has an effect
}

describe('of damaged files, each is read or refused by a typed error, soon and in little memory:', () => {
  const timeout = 600_000 + (plan.milliseconds ?? 60 * plan.rounds);

  it(
    'safetensors',
    () => {
      const file = encodeWeights(weights);
      attack(file, 'safetensors', (bytes) => {
        parseSafetensors(bytes, 'x');
        return parseWeights(bytes, classifier, { where: 'x', seed: 0 });
      });
    },
    timeout,
  );

  it(
    'GGUF',
    () => {
      const half = (file: Uint8Array, name: string): void =>
        attack(file, name, (bytes) => {
          const parsed = parseGguf(bytes, 'x');
          for (const tensor of parsed.tensors.values()) dequantize(tensor);
          if (file === encodings) return undefined;
          ggufTokenizerJson(parsed, 'x');
          const model = causalLanguageModel(parseNetwork(ggufConfigJson(parsed, 'x')));
          return loadWeights(ggufWeights(bytes, 'x'), model, { where: 'x', seed: 0 });
        });
      half(gguf, 'gguf');
      half(encodings, 'gguf of every encoding');
    },
    2 * timeout,
  );

  it(
    'ONNX',
    () => {
      const files = [
        exportModel(classifier, weights, { pooling: 'mean' }),
        exportModel(language, randomWeights(language), { pooling: 'last' }),
      ];
      for (const [i, file] of files.entries()) {
        attack(file, `onnx ${i}`, (bytes) => {
          importOnnx(bytes, 'x', { lengths: { batch: 2, length: 5 } });
          return checkGraph(decodeOnnx(bytes, 'x'));
        });
      }
    },
    2 * timeout,
  );
});

describe('fuzzing', () => {
  const file = Uint8Array.from({ length: 200 }, (_, i) => i);
  const found = mkdtempSync(join(tmpdir(), 'overture-fuzz-'));
  afterAll(() => rmSync(found, { recursive: true }));
  const brief = { seed: 3, firstRound: 0, rounds: 50, found };

  it('damages a file the same way for the same seed and round, and otherwise for another', () => {
    const at = (seed: number, round: number): Uint8Array => damaged(file, 'x', { seed, round });
    expect(at(1, 5)).toEqual(at(1, 5));
    expect(Array.from({ length: 20 }, (_, round) => at(1, round))).not.toEqual(
      Array.from({ length: 20 }, (_, round) => at(2, round)),
    );
  });

  it.each([
    [
      'an untyped error',
      () => {
        throw new RangeError('oops');
      },
      /RangeError: oops/,
    ],
    [
      'an error that asks to try again',
      () => {
        throw new AppError('X', 'later', { retryable: true });
      },
      /as if trying again could help: later/,
    ],
    [
      'an endless message',
      () => {
        throw new AppError('X', 'a'.repeat(5000));
      },
      /its message has 5000 characters/,
    ],
    [
      'slowness',
      () => {
        const until = performance.now() + 30;
        while (performance.now() < until);
      },
      /it took \d+ ms/,
    ],
  ])('fails for %s, and keeps the file', (_, read, problem) => {
    let message = '';
    try {
      fuzz(file, 'a reader', { plan: brief, limits: { ...limits, milliseconds: 20 }, read });
    } catch (thrown) {
      message = (thrown as Error).message;
    }
    expect(message).toMatch(problem);
    expect(message).toContain('Again: OVERTURE_FUZZ_SEED=3 OVERTURE_FUZZ_ROUND=0');
    const path = /kept as (\S+)\. Again/.exec(message)![1]!;
    expect(new Uint8Array(readFileSync(path))).toEqual(damaged(file, 'a reader', { seed: 3, round: 0 }));
  });

  it('goes on for minutes, or for one round, as the environment says', () => {
    expect(fuzzPlan({}, 2000)).toMatchObject({
      seed: 1,
      firstRound: 0,
      rounds: 2000,
      milliseconds: undefined,
      current: undefined,
    });
    expect(
      fuzzPlan({ OVERTURE_FUZZ: '100', OVERTURE_FUZZ_SEED: '9', OVERTURE_FUZZ_FOLDER: found }, 2000),
    ).toMatchObject({ seed: 9, rounds: 200_000, current: found, found });
    expect(fuzzPlan({ OVERTURE_FUZZ_MINUTES: '0.5' }, 2000)).toMatchObject({
      rounds: Infinity,
      milliseconds: 30_000,
    });
    expect(fuzzPlan({ OVERTURE_FUZZ_SEED: '9', OVERTURE_FUZZ_ROUND: '77' }, 2000)).toMatchObject({
      firstRound: 77,
      rounds: 1,
      milliseconds: undefined,
    });
    expect(() => fuzzPlan({ OVERTURE_FUZZ: 'many' }, 2000)).toThrow(
      'OVERTURE_FUZZ must be a number. Got "many" instead.',
    );
    const { read, refused } = fuzz(file, 'x', {
      plan: { ...brief, rounds: Infinity, milliseconds: 20, current: found },
      limits,
      read: () => undefined,
    });
    expect([read > 0, refused]).toEqual([true, 0]);
  });
});
