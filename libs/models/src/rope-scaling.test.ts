import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectModel } from './base/inspect-model.ts';
import { parseNetwork } from './families.ts';
import { parseLlamaConfig } from './llama-config.ts';
import { ropeFrequencies } from './rope-scaling.ts';
import { hiddenStates, largestDifference } from './testing/hidden-states.ts';

// One small Llama with every kind of scaling, also as GGUF files, with inverse frequencies and hidden states
// from transformers: tools/reference/pytorch/model_folders.py
const folder = new URL('./reference/folders/rope/', import.meta.url).pathname;
interface Case {
  readonly scaling: Readonly<Record<string, unknown>>;
  readonly inverse_frequencies: number[];
  readonly amplitude: number;
  readonly states: number[][];
}
const { cases, ids, rows } = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as {
  cases: Record<string, Case>;
  ids: number[][];
  rows: number[];
};
const { rope_parameters: _, ...config } = JSON.parse(
  readFileSync(join(folder, 'config.json'), 'utf8'),
) as Record<string, unknown>;
const weights = join(folder, 'model.safetensors');

const spellings: readonly [string, (scaling: Readonly<Record<string, unknown>>) => object][] = [
  ['rope_parameters of transformers 5', (scaling) => ({ rope_parameters: { ...scaling, rope_theta: 1000 } })],
  ['rope_scaling of earlier versions', (scaling) => ({ rope_theta: 1000, rope_scaling: scaling })],
  [
    'rope_scaling with the old word for its type',
    ({ rope_type: type, ...scaling }) => ({ rope_theta: 1000, rope_scaling: { type, ...scaling } }),
  ],
];

async function statesOf(file: string, json: object): Promise<Float32Array> {
  const all = await hiddenStates(file, parseNetwork(json), ids);
  const width = all.length / ids[0]!.length;
  return Float32Array.from(rows.flatMap((row) => [...all.slice(row * width, (row + 1) * width)]));
}

describe('RoPE scaling', () => {
  it.each(Object.keys(cases))('%s has the frequencies of transformers', (name) => {
    const { scaling, inverse_frequencies: expected, amplitude } = cases[name]!;
    const {
      ropeBase: base,
      ropeScaling,
      headWidth,
    } = parseLlamaConfig({ ...config, rope_parameters: { ...scaling, rope_theta: 1000 } });
    const found = ropeFrequencies(headWidth, { base, scaling: ropeScaling });
    expect(largestDifference(found.frequencies, expected)).toBeLessThan(1e-6);
    expect(found.amplitude).toBeCloseTo(amplitude, 6);
  });

  it.each(
    Object.keys(cases).flatMap((name) =>
      spellings.map(([spelling, write]) => [name, spelling, write] as const),
    ),
  )('%s has the hidden states of transformers, from %s', async (name, _spelling, write) => {
    const { scaling, states } = cases[name]!;
    expect(
      largestDifference(await statesOf(weights, { ...config, ...write(scaling) }), states.flat()),
    ).toBeLessThan(2e-5);
  });

  it.each(Object.keys(cases))(
    '%s is in the config that is written beside fine-tuned weights',
    async (name) => {
      const { scaling, states } = cases[name]!;
      const written = parseNetwork({
        ...config,
        rope_parameters: { ...scaling, rope_theta: 1000 },
      }).configJson();
      expect(largestDifference(await statesOf(weights, written), states.flat())).toBeLessThan(2e-5);
    },
  );

  it('changes what a network says: the cases differ from each other', () => {
    const different = new Set(Object.values(cases).map(({ states }) => JSON.stringify(states)));
    // dynamic equals default up to the model's own positions
    expect(different.size).toBe(Object.keys(cases).length - 1);
  });

  it.each<[string, object, string]>([
    [
      'an unknown type',
      { rope_scaling: { type: 'mystery', factor: 2 } },
      '"rope_scaling" must be of type "default", "linear", "dynamic", "llama3", "yarn" or "longrope". Got {"type":"mystery","factor":2} instead.',
    ],
    [
      'no factor',
      { rope_scaling: { type: 'linear' } },
      '"rope_scaling" must be an object whose "factor" is a number over 0. Got {"type":"linear"} instead.',
    ],
    [
      'frequencies that depend on a text’s length',
      {
        rope_scaling: {
          type: 'longrope',
          short_factor: [1, 1, 1, 1],
          long_factor: [1, 2, 3, 4],
          original_max_position_embeddings: 16,
        },
      },
      'frequencies that depend on the length of a text are not supported',
    ],
    [
      'factors for another width',
      { rope_scaling: { type: 'longrope', short_factor: [1], long_factor: [1] } },
      'whose "short_factor" is a list of 4 numbers over 0',
    ],
    [
      'a part of a head',
      { rope_parameters: { rope_type: 'default', partial_rotary_factor: 0.5 } },
      'whose "partial_rotary_factor" is 1: rotation of a part of a head is not supported',
    ],
  ])('with %s is refused', (_, changes, problem) => {
    expect(() => parseNetwork({ ...config, ...changes })).toThrow(problem);
  });
});

describe('RoPE scaling of a GGUF file', () => {
  it.each([
    ['plain', 'default'],
    ['linear', 'linear'],
    ['llama3', 'llama3'],
  ])('%s.gguf has the hidden states of the same model as a folder', async (file, name) => {
    const inspection = await inspectModel(join(folder, `${file}.gguf`));
    expect(inspection.problems).toEqual([]);
    const json = JSON.parse((inspection.sources.config as { readonly content: string }).content) as object;
    const found = await statesOf(inspection.weights!.path, json);
    const { scaling, states } = cases[name]!;
    expect(largestDifference(found, states.flat())).toBeLessThan(2e-5);
    expect(
      largestDifference(found, [
        ...(await statesOf(weights, { ...config, rope_parameters: { ...scaling, rope_theta: 1000 } })),
      ]),
    ).toBeLessThan(2e-6);
  });

  it('multiplies factors of frequencies with the factor of all', async () => {
    const { sources } = await inspectModel(join(folder, 'both.gguf'));
    const { rope_scaling: scaling } = JSON.parse(
      (sources.config as { readonly content: string }).content,
    ) as {
      rope_scaling: { short_factor: number[] };
    };
    const { rope_scaling: alone } = JSON.parse(
      ((await inspectModel(join(folder, 'llama3.gguf'))).sources.config as { readonly content: string })
        .content,
    ) as { rope_scaling: { short_factor: number[] } };
    expect(scaling.short_factor).toEqual(alone.short_factor.map((factor) => 4 * factor));
  });
});
