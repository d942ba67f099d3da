import { digestOf } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { explainKey, keyChangeText } from './explain-key.ts';

const parts = {
  stage: 'fit',
  version: 1,
  input: {
    corpus: { kind: 'corpus', digest: digestOf('a'), bytes: 1 },
    training: { epochs: 2, seeds: [1, 2] },
  },
};

const told = (now: object, before: object = {}) =>
  explainKey({ ...parts, ...now }, { ...parts, ...before }).map(keyChangeText);

describe('explainKey', () => {
  it('finds nothing in equal keys, in whatever order their members stand', () => {
    expect(
      told(
        {
          input: { training: { seeds: [1, 2], epochs: 2 }, corpus: parts.input.corpus },
          fingerprint: undefined,
        },
        { fingerprint: null },
      ),
    ).toEqual([]);
  });

  it('names every leaf that differs, artifacts by kind and digest', () => {
    const corpus = { kind: 'corpus', digest: digestOf('b'), bytes: 7 };
    expect(told({ version: 2, input: { corpus, training: { epochs: 3, seeds: [1, 2, 3] } } })).toEqual([
      'version: 1 → 2',
      `corpus: corpus ${digestOf('a').slice(7, 19)} → corpus ${digestOf('b').slice(7, 19)}`,
      'training.epochs: 2 → 3',
      'training.seeds.2: nothing → 3',
    ]);
  });

  it('tells environment and fingerprint apart from the input', () => {
    expect(
      told(
        { environment: { onnxruntime: '1.27.0' }, fingerprint: { files: [{ sha256: 'f'.repeat(64) }] } },
        { environment: { onnxruntime: '1.26.0' }, fingerprint: { files: [{ sha256: 'e'.repeat(64) }] } },
      ),
    ).toEqual([
      'environment onnxruntime: 1.26.0 → 1.27.0',
      'fingerprint files.0.sha256: eeeeeeeeeeee → ffffffffffff',
    ]);
    expect(told({ fingerprint: 'x' })).toEqual(['fingerprint: nothing → x']);
  });

  it('tells what people asked of a stage at work', () => {
    expect(told({}, { controls: [{ action: 'stopAfterEpoch', step: 7 }] })).toEqual([
      'controls: [{"action":"stopAfterEpoch","step":7}] → nothing',
    ]);
  });

  it('shows the beginning of what is long', () => {
    expect(told({ input: 'x'.repeat(200) }, { input: 7 })).toEqual([`input: 7 → ${'x'.repeat(59)}…`]);
  });
});
