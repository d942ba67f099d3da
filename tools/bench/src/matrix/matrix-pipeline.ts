import { defineStage, isTrue, pipeline } from '@overture/dag';
import { defineApplication, runControl } from '@overture/protocol';
import { z } from 'zod';

/** The application of the matrix, with queues and search attributes of its own. */
export const matrixApplication = defineApplication({ name: 'matrix', queues: ['light'] });

const common = {
  version: 1,
  queue: 'light',
  input: z.strictObject({ subject: z.string(), place: z.string(), value: z.string() }),
  output: z.object({ value: z.string() }),
} as const;

/**
 * A stage whose output can be reused. It has one attempt, so that anything that costs an attempt is noticed.
 */
export const step = defineStage({
  ...common,
  name: 'step',
  summary: 'Adds its place to the value.',
  retry: { maximumAttempts: 1 },
});
/** A stage that runs every time, with the default retry policy. */
export const act = defineStage({
  ...common,
  name: 'act',
  summary: 'Adds its place to the value, every time.',
  reusable: false,
});
/** Returns the list of the map. */
export const list = defineStage({
  ...common,
  name: 'list',
  summary: 'Lists two places.',
  output: z.object({ value: z.string(), places: z.array(z.string()) }),
});

/** The nested pipeline: one stage. */
export const partPipeline = pipeline(
  'matrixPart',
  z.strictObject({ subject: z.string(), value: z.string(), earlier: z.array(z.string()) }),
  ({ subject, value }, run) => ({
    value: run(step, { subject, place: 'inner', value }, { as: 'inner' }).value,
  }),
);

/**
 * Has one node of each kind, most of them in sequence, so that a run's history has the same points in the
 * same order every time.
 */
export const matrixPipeline = pipeline(
  'matrix',
  z.strictObject({
    subject: z.string(),
    value: z.string().default('v'),
    ask: z.boolean().default(false),
    ...runControl,
  }),
  ({ subject, value, ask }, run) => {
    const prepare = run(list, { subject, place: 'prepare', value }, { as: 'prepare' });
    const each = run.each(prepare.places, step, {
      as: 'each',
      wire: (place) => ({ subject, place, value: prepare.value }),
    });
    const part = run(partPipeline, { subject, value: prepare.value, earlier: each.value }, { as: 'part' });
    const side = run(step, { subject, place: 'side', value: part.value }, { as: 'side' });
    const work = run(act, { subject, place: 'work', value: side.value }, { as: 'work' });
    const sure = run.gate('sure', { summary: 'Continue?', ask, show: { value: work.value } });
    const finish = run(
      step,
      { subject, place: 'finish', value: work.value },
      { as: 'finish', when: isTrue(sure.approved) },
    );
    return { value: work.value, finished: finish.value };
  },
);
