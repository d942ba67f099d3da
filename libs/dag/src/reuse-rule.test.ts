import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pipeline } from './pipeline.ts';
import { reuseRule, withReuse } from './reuse-rule.ts';
import { defineStage } from './stage-contract.ts';

const step = (name: string) =>
  defineStage({
    name,
    version: 1,
    summary: 'For the test.',
    queue: 'light',
    input: z.strictObject({ of: z.string() }),
    output: z.object({ text: z.string() }),
  });
const [read, count, fit, score] = [step('read'), step('count'), step('fit'), step('score')];

const study = pipeline(
  'study',
  z.strictObject({ uri: z.string().default('here'), reuse: reuseRule.prefault({}) }),
  ({ uri }, run) => {
    const { text } = run(read, { of: uri });
    run(count, { of: text });
    const model = run(fit, { of: text });
    return { said: run(score, { of: model.text }) };
  },
  { reuse: ({ reuse }) => reuse },
);

const rules = (reuse: unknown) =>
  Object.fromEntries(study.plan({ reuse }).nodes.map(({ id, reuse: said }) => [id, said]));

describe('withReuse', () => {
  it('says nothing where nothing is asked', () => {
    expect(study.plan({}).nodes.every((node) => !('reuse' in node))).toBe(true);
  });

  it('lets forced stages run, and all of them without a cache', () => {
    expect(rules({ force: ['fit'] })).toEqual({
      read: undefined,
      count: undefined,
      fit: { kind: 'never' },
      score: undefined,
    });
    expect(rules({ cache: false })).toEqual(
      Object.fromEntries(['read', 'count', 'fit', 'score'].map((id) => [id, { kind: 'never' }])),
    );
  });

  it('takes what a stage needs from a run, and nothing beside it', () => {
    const from = { run: 'w/1', stage: 'score' };
    expect(rules({ from })).toEqual({
      read: { kind: 'from', run: 'w/1' },
      count: undefined,
      fit: { kind: 'from', run: 'w/1' },
      score: { kind: 'never' },
    });
    expect(rules({ from, cache: false }).count).toEqual({ kind: 'never' });
  });

  it('names every stage that is not there, and those that are', () => {
    expect(() =>
      withReuse(study.plan({}), {
        cache: true,
        force: ['fti', 'read'],
        from: { run: 'w/1', stage: 'scores' },
      }),
    ).toThrow(
      'The input of study is wrong. reuse.force.0 must be a stage of study: read, count, fit, score. Got "fti" instead. Did you mean "fit"? reuse.from.stage must be a stage of study: read, count, fit, score. Got "scores" instead. Did you mean "score"?',
    );
  });
});
