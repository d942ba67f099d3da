import type { JsonValue } from '@overture/core';
import type { ConfigProblems, RawConfig } from './config-reader.ts';

/**
 * Modification of the rotary frequencies base^(−2i / width), with the names of Hugging Face's
 * `rope_parameters`. `linear` interpolates positions, and `llama3` interpolates by wavelength. `yarn` is YaRN
 * (Peng et al., arXiv:2309.00071). `longrope` divides by given factors (LongRoPE, Ding et al.,
 * arXiv:2402.13753).
 */
export type RopeScaling =
  | { readonly type: 'linear'; readonly factor: number }
  /** Has no effect up to the model's maximum length, and longer sequences are rejected. */
  | { readonly type: 'dynamic'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalPositions: number;
    }
  | {
      readonly type: 'yarn';
      readonly factor: number;
      readonly originalPositions: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly attentionFactor: number;
      readonly truncate: boolean;
    }
  | { readonly type: 'longrope'; readonly factors: readonly number[]; readonly attentionFactor: number };

/** Rotary position parameters of a network. */
export interface RopeParameters {
  readonly base: number;
  readonly scaling?: RopeScaling;
}

/** Frequencies of a head, float32 [width / 2], and the factor of cosines and sines. */
export interface RopeFrequencies {
  readonly frequencies: Float32Array;
  readonly amplitude: number;
}

/** Computes the angle per position, with each step rounded to float32 as in Hugging Face's Llama. */
export function ropeFrequencies(width: number, { base, scaling }: RopeParameters): RopeFrequencies {
  const plain = Float32Array.from({ length: width / 2 }, (_, i) => base ** ((-2 * i) / width));
  switch (scaling?.type) {
    case undefined:
    case 'dynamic':
      return { frequencies: plain, amplitude: 1 };
    case 'linear':
      return { frequencies: plain.map((frequency) => frequency / scaling.factor), amplitude: 1 };
    case 'longrope':
      return {
        frequencies: plain.map((frequency, i) => frequency / scaling.factors[i]),
        amplitude: scaling.attentionFactor,
      };
    case 'llama3':
      return { frequencies: plain.map((frequency) => llama3Frequency(frequency, scaling)), amplitude: 1 };
    case 'yarn':
      return {
        frequencies: plain.map((frequency, i) => yarnFrequency(frequency, i, { ...scaling, base, width })),
        amplitude: scaling.attentionFactor,
      };
  }
}

function llama3Frequency(
  frequency: number,
  {
    factor,
    lowFrequencyFactor: low,
    highFrequencyFactor: high,
    originalPositions,
  }: Extract<RopeScaling, { type: 'llama3' }>,
): number {
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength > originalPositions / low) return frequency / factor;
  if (wavelength < originalPositions / high) return frequency;
  const smooth = (originalPositions / wavelength - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

function yarnFrequency(
  frequency: number,
  i: number,
  {
    factor,
    originalPositions,
    betaFast,
    betaSlow,
    truncate,
    base,
    width,
  }: Extract<RopeScaling, { type: 'yarn' }> & { readonly base: number; readonly width: number },
): number {
  const turns = (count: number): number =>
    (width * Math.log(originalPositions / (count * 2 * Math.PI))) / (2 * Math.log(base));
  const round = (value: number, way: (value: number) => number): number => (truncate ? way(value) : value);
  const low = Math.max(round(turns(betaFast), Math.floor), 0);
  const high = Math.min(round(turns(betaSlow), Math.ceil), width - 1);
  const ramp = Math.min(1, Math.max(0, (i - low) / (low === high ? 0.001 : high - low)));
  return (frequency / factor) * ramp + frequency * (1 - ramp);
}

/**
 * Reads the scaling in a config.json, in the form of transformers 5 (`rope_parameters`) or earlier versions
 * (`rope_scaling`). Problems are added to `problems`.
 * @returns undefined if the frequencies are not scaled
 */
export function readRopeScaling(
  raw: RawConfig,
  { width, maxPositions }: { readonly width: number; readonly maxPositions: number },
  problems: ConfigProblems,
): RopeScaling | undefined {
  const member = isObject(raw['rope_scaling']) ? 'rope_scaling' : 'rope_parameters';
  const given = raw[member];
  if (given == null) return undefined;
  if (!isObject(given)) {
    problems.expect(member, 'an object', false);
    return undefined;
  }
  const said = {
    ...given,
    ...(raw['original_max_position_embeddings'] == null
      ? {}
      : { original_max_position_embeddings: raw['original_max_position_embeddings'] }),
  } as RawConfig;
  const reader = new ScalingReader(said, member, problems);
  const partial = reader.number(
    'partial_rotary_factor',
    1,
    (value) => value === 1,
    '1: rotation of a part of a head is not supported',
  );
  const type = said['rope_type'] ?? said['type'] ?? 'default';
  if (partial !== 1 || type === 'default') return undefined;
  const originalPositions = (): number =>
    reader.number('original_max_position_embeddings', maxPositions, (value) => value >= 1);
  switch (type) {
    case 'linear':
    case 'dynamic':
      return { type: type as 'linear' | 'dynamic', factor: reader.number('factor') };
    case 'llama3':
      return {
        type: 'llama3',
        factor: reader.number('factor'),
        lowFrequencyFactor: reader.number('low_freq_factor'),
        highFrequencyFactor: reader.number(
          'high_freq_factor',
          undefined,
          (value) => value > ((said['low_freq_factor'] as number | undefined) ?? 0),
          'a number over "low_freq_factor"',
        ),
        originalPositions: originalPositions(),
      };
    case 'yarn': {
      const factor = reader.number('factor', maxPositions / originalPositions());
      const { mscale, mscale_all_dim: mscaleAll } = said as {
        readonly mscale?: number;
        readonly mscale_all_dim?: number;
      };
      const usual =
        mscale && mscaleAll
          ? yarnAmplitude(factor, mscale) / yarnAmplitude(factor, mscaleAll)
          : yarnAmplitude(factor, 1);
      return {
        type: 'yarn',
        factor,
        originalPositions: originalPositions(),
        betaFast: reader.number('beta_fast', 32),
        betaSlow: reader.number('beta_slow', 1),
        attentionFactor: reader.number('attention_factor', usual),
        truncate: said['truncate'] !== false,
      };
    }
    case 'longrope':
    case 'su': {
      const [short, long] = ['short_factor', 'long_factor'].map((key) => reader.factors(key, width / 2));
      const original = originalPositions();
      const stretched = maxPositions / original;
      problems.expect(
        member,
        'with "short_factor" and "long_factor" of the same numbers: frequencies that depend on the length of a text are not supported',
        maxPositions <= original || short.every((factor, i) => factor === long[i]),
      );
      return {
        type: 'longrope',
        factors: short,
        attentionFactor: reader.number(
          'attention_factor',
          stretched <= 1 ? 1 : Math.sqrt(1 + Math.log(stretched) / Math.log(original)),
        ),
      };
    }
    default:
      problems.expect(
        member,
        'of type "default", "linear", "dynamic", "llama3", "yarn" or "longrope"',
        false,
      );
      return undefined;
  }
}

/** The scaling as config.json members, in a form that every version of transformers reads. */
export function ropeScalingJson(scaling: RopeScaling, maxPositions: number): Record<string, JsonValue> {
  switch (scaling.type) {
    case 'linear':
    case 'dynamic':
      return { rope_type: scaling.type, factor: scaling.factor };
    case 'llama3':
      return {
        rope_type: 'llama3',
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalPositions,
      };
    case 'yarn':
      return {
        rope_type: 'yarn',
        factor: scaling.factor,
        original_max_position_embeddings: scaling.originalPositions,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        attention_factor: scaling.attentionFactor,
        truncate: scaling.truncate,
      };
    case 'longrope':
      return {
        rope_type: 'longrope',
        short_factor: [...scaling.factors],
        long_factor: [...scaling.factors],
        attention_factor: scaling.attentionFactor,
        factor: 1,
        original_max_position_embeddings: maxPositions,
      };
  }
}

function yarnAmplitude(factor: number, mscale: number): number {
  return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
}

/** Reads members of a scaling and collects their problems. */
class ScalingReader {
  readonly #said: RawConfig;
  readonly #member: string;
  readonly #problems: ConfigProblems;

  constructor(said: RawConfig, member: string, problems: ConfigProblems) {
    this.#said = said;
    this.#member = member;
    this.#problems = problems;
  }

  number(
    key: string,
    otherwise?: number,
    fits: (value: number) => boolean = (value) => value > 0,
    what = 'a number over 0',
  ): number {
    const value = this.#said[key] ?? otherwise;
    const ok = typeof value === 'number' && Number.isFinite(value) && fits(value);
    this.#problems.expect(this.#member, `an object whose "${key}" is ${what}`, ok);
    return ok ? value : 1;
  }

  factors(key: string, count: number): readonly number[] {
    const value = this.#said[key];
    const ok =
      Array.isArray(value) &&
      value.length === count &&
      value.every((factor) => typeof factor === 'number' && factor > 0 && Number.isFinite(factor));
    this.#problems.expect(this.#member, `an object whose "${key}" is a list of ${count} numbers over 0`, ok);
    return ok ? (value as number[]) : new Array<number>(count).fill(1);
  }
}

function isObject(value: unknown): value is RawConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
