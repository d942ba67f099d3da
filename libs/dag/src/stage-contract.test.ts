import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineStage } from './stage-contract.ts';

const definition = {
  name: 'read',
  version: 1,
  summary: 'Reads.',
  queue: 'light',
  input: z.object({}),
  output: z.object({}),
} as const;

describe('defineStage', () => {
  it('fills in timeouts and retry', () => {
    expect(defineStage({ ...definition, retry: { maximumAttempts: 9 } })).toMatchObject({
      timeouts: { startToClose: 1800, heartbeat: 60 },
      retry: { maximumAttempts: 9, initialInterval: 1, backoff: 2 },
    });
  });

  it('refuses what cannot name an activity or order versions', () => {
    expect(() => defineStage({ ...definition, name: 'read corpus' })).toThrow(
      'A stage\'s name must be a camelCase identifier, since it names an activity. Got "read corpus" instead.',
    );
    expect(() => defineStage({ ...definition, version: 0 })).toThrow(
      'The version of stage read must be an integer from 1. Got 0 instead.',
    );
  });

  it('refuses inputs and outputs that JSON cannot hold, with their paths', () => {
    const output =
      (shape: z.ZodRawShape): (() => unknown) =>
      () =>
        defineStage({ ...definition, output: z.object(shape) });
    expect(output({ at: z.date() })).toThrow(
      'The output of stage read must be JSON: at is z.date(), which JSON cannot hold: use z.iso.datetime().',
    );
    expect(output({ list: z.array(z.object({ by: z.map(z.string(), z.int()).optional() })) })).toThrow(
      'list.[*].by is z.map(), which JSON cannot hold: use z.record().',
    );
    expect(
      output({ pair: z.tuple([z.int(), z.bigint()]), either: z.union([z.string(), z.set(z.string())]) }),
    ).toThrow(
      'pair.1 is z.bigint(), which JSON cannot hold: use z.string(). either is z.set(), which JSON cannot hold: use z.array().',
    );
    expect(() => defineStage({ ...definition, input: z.object({ when: z.date() }) })).toThrow(
      'The input of stage read must be JSON: when is z.date()',
    );
    const tree: z.ZodType = z.lazy(() =>
      z.object({ children: z.array(tree), note: z.string().nullable().default(null) }),
    );
    expect(output({ tree, any: z.json(), at: z.iso.datetime() })).not.toThrow();
    expect(() =>
      defineStage({
        ...definition,
        input: z.object({ when: z.coerce.date(), words: z.string().transform((text) => text.length) }),
      }),
    ).not.toThrow();
  });

  it('refuses an output that transforms its value, because it is validated again', () => {
    const transforming = [
      z.string().transform(Number),
      z.preprocess(Number, z.number()),
      z.codec(z.string(), z.number(), { decode: Number, encode: String }),
    ];
    for (const schema of transforming) {
      expect(() => defineStage({ ...definition, output: z.object({ list: z.array(schema) }) })).toThrow(
        "The output of stage read must be JSON: list.[*] transforms its value. An output is validated again wherever it is reused, so change the value in the stage's code.",
      );
    }
    expect(() =>
      defineStage({
        ...definition,
        output: z.object({ text: z.string().trim(), n: z.string().pipe(z.string().max(3)) }),
      }),
    ).not.toThrow();
  });
});
