import { digestOf } from '@overture/core';
import { encodeClassifierWeights } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { describe, expect, it } from 'vitest';
import { fineTune } from '../fine-tune.ts';
import { type FineTuned, type FineTuneOptions } from '../fine-tune-options.ts';
import { interruptedAt } from '../testing/interrupted-at.ts';
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import type { StepProgress } from '../training-progress.ts';
import {
  passesThrough,
  type AppliedControl,
  type TrainingAction,
  type TrainingControls,
} from './training-controls.ts';

const base = { runtime: openRuntime({ threads: 1 }), now: () => 0 };
const digest = ({ weights }: FineTuned): string => digestOf(encodeClassifierWeights(weights));
// 3 epochs of 5 steps
const job = tinyJob({ checkpointEverySteps: 2 });
const undisturbed = await fineTune({ ...base, ...job });

/**
 * A user who requests actions after given steps until they are recorded. Like a registry, the record outlives
 * the attempts.
 */
function somebody(requests: Readonly<Record<number, TrainingAction>>) {
  const record: AppliedControl[] = [];
  const attempt = (): Pick<FineTuneOptions, 'controls'> & {
    readonly steps: StepProgress[];
    onStep(step: number): void;
  } => {
    const waiting: { id: string; action: TrainingAction }[] = [];
    const onStep = (step: number): void => {
      const action = requests[step];
      if (action === undefined || record.some((each) => each.step === step)) return;
      waiting.push({ id: `asked after ${step}`, action });
    };
    const controls: TrainingControls = {
      applied: [...record],
      take: () => waiting.splice(0),
      record: async (control) => void record.push(control),
    };
    onStep(0);
    return { controls, onStep, steps: [] };
  };
  return {
    record,
    /** One attempt, which can be made to fail after a step. */
    async train(
      options: Pick<FineTuneOptions, 'checkpoints'> & { readonly failAfter?: number } = {},
    ): Promise<{ tuned: FineTuned; steps: StepProgress[] }> {
      const { controls, onStep, steps } = attempt();
      const tuned = await fineTune({
        ...base,
        ...job,
        ...options,
        controls,
        onProgress: (event) => {
          if (event.kind !== 'step') return;
          steps.push(event);
          onStep(event.step);
          if (event.step === options.failAfter) throw new Error('interrupted');
        },
      });
      return { tuned, steps };
    },
  };
}

const requests = {
  3: { learningRate: 0.5 },
  4: 'evaluateNow',
  6: { learningRate: 0.3 },
  7: 'stopAfterEpoch',
} as const;
const controlled = await somebody(requests).train();

describe('a training that is controlled', () => {
  it('goes on at a share of the learning rate from the step at which it was asked, after that is on record', async () => {
    const person = somebody({ 6: { learningRate: 0.5 }, 9: { learningRate: 0.1 } });
    const { tuned, steps } = await person.train();
    const plain: StepProgress[] = [];
    await fineTune({
      ...base,
      ...job,
      onProgress: (event) => void (event.kind === 'step' && plain.push(event)),
    });
    expect(steps.map(({ learningRate }, i) => learningRate / plain[i].learningRate).slice(1)).toEqual(
      Array.from(
        { length: 14 },
        (_, i) => expect.closeTo(i + 1 < 6 ? 1 : i + 1 < 9 ? 0.5 : 0.05, 9) as number,
      ),
    );
    expect(person.record).toEqual([
      { id: 'asked after 6', action: { learningRate: 0.5 }, step: 6, changesResult: true },
      { id: 'asked after 9', action: { learningRate: 0.1 }, step: 9, changesResult: true },
    ]);
    expect(tuned.controls).toEqual(person.record);
    expect(digest(tuned)).not.toBe(digest(undisturbed));
  });

  it('ends with the epoch that it is in', async () => {
    const person = somebody({ 6: 'stopAfterEpoch' });
    const { tuned } = await person.train();
    expect([tuned.steps, tuned.history]).toEqual([10, undisturbed.history.slice(0, 2)]);
    expect(person.record).toMatchObject([{ step: 6, changesResult: true }]);
    const late = somebody({ 12: 'stopAfterEpoch' });
    expect(digest((await late.train()).tuned)).toBe(digest(undisturbed));
    expect(late.record).toMatchObject([{ step: 12, changesResult: false }]);
  });

  it('is evaluated when asked, which changes no bit', async () => {
    const person = somebody({ 0: 'evaluateNow', 7: 'evaluateNow' });
    const { tuned } = await person.train();
    expect(tuned.evaluations).toMatchObject([
      { step: 0, epoch: 1 },
      { step: 7, epoch: 2 },
    ]);
    expect(tuned.evaluations[1].validLoss).not.toBe(tuned.evaluations[0].validLoss);
    expect([digest(tuned), tuned.history]).toEqual([digest(undisturbed), undisturbed.history]);
    expect(person.record.map(({ changesResult }) => changesResult)).toEqual([false, false]);
  });

  it.each([1, 3, 4, 5, 6, 7, 9, 10])(
    'goes on after an interruption at step %i to the same bits, history, controls and evaluations',
    async (at) => {
      const [person, checkpoints] = [somebody(requests), memoryCheckpoints()];
      await expect(person.train({ checkpoints, failAfter: at })).rejects.toThrow('interrupted');
      const { tuned } = await person.train({ checkpoints });
      expect(digest(tuned)).toBe(digest(controlled.tuned));
      expect({ ...tuned, weights: undefined }).toEqual({ ...controlled.tuned, weights: undefined });
    },
  );

  it('is repeated without any checkpoint: what is on record is enough', async () => {
    const person = somebody(requests);
    await expect(person.train({ failAfter: 9 })).rejects.toThrow('interrupted');
    expect(digest((await person.train()).tuned)).toBe(digest(controlled.tuned));
  });

  it('leaves no checkpoint to who did not ask for its controls', async () => {
    const [person, checkpoints] = [somebody(requests), memoryCheckpoints()];
    await expect(person.train({ checkpoints, failAfter: 9 })).rejects.toThrow('interrupted');
    const seen: string[] = [];
    expect(
      digest(await fineTune({ ...base, ...job, checkpoints, onProgress: ({ kind }) => seen.push(kind) })),
    ).toBe(digest(undisturbed));
    expect(seen).not.toContain('resumed');
  });

  it('takes no checkpoint that lies beyond the step of a control that it has not seen', async () => {
    const checkpoints = await interruptedAt(9, { ...base, ...job });
    const person = somebody({});
    person.record.push({ id: 'asked after 3', action: { learningRate: 0.5 }, step: 3, changesResult: true });
    const seen = (await person.train({ checkpoints })).steps;
    expect(seen[0].step).toBe(1);
  });

  it('does nothing that cannot be put on record', async () => {
    const controls: TrainingControls = {
      applied: [],
      take: () => [{ id: 'a', action: 'evaluateNow' }],
      record: () => Promise.reject(new Error('The registry is away.')),
    };
    const seen: string[] = [];
    await expect(
      fineTune({ ...base, ...job, controls, onProgress: ({ kind }) => seen.push(kind) }),
    ).rejects.toThrow('The registry is away.');
    expect(seen).not.toContain('controlled');
  });
});

describe('passesThrough', () => {
  const control = (id: string, step: number, changesResult = true): AppliedControl => ({
    id,
    action: 'evaluateNow',
    step,
    changesResult,
  });
  it.each([
    ['nothing asked', [], [], true],
    ['asked later', [control('a', 7)], [], true],
    ['asked here, applied or not', [control('a', 5), control('b', 5)], [control('a', 5)], true],
    ['asked before and applied', [control('a', 3)], [control('a', 3)], true],
    ['asked before and not applied', [control('a', 3)], [], false],
    ['applied elsewhere', [control('a', 3)], [control('a', 4)], false],
    ['asked by somebody else', [], [control('a', 3)], false],
    ['only looked at', [], [control('a', 3, false)], true],
  ])('%s', (_, controls, others, expected) =>
    expect(passesThrough(controls, { step: 5, controls: others })).toBe(expected),
  );
});
