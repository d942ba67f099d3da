import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '@overture/core';
import { bertConfigJson, encodeClassifierWeights } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { parseSafetensors } from '@overture/tensors';
import { encodeTokenSet } from '@overture/tokenization';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlSource } from './controls/controls-over-messages.ts';
import type { AppliedControl, ControlRequest } from './controls/training-controls.ts';
import { fineTune } from './fine-tune.ts';
import { fineTuneInChild, type FineTuneFiles, type TrainingLog } from './fine-tune-in-child.ts';
import { tinyJob } from './testing/tiny-job.ts';
import type { TrainingProgress } from './training-progress.ts';

const job = tinyJob({ epochs: 2 });
let folder: string;
let base: FineTuneFiles;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-fine-tune-'));
  const path = (name: string): string => join(folder, name);
  base = {
    tokens: path('tokens'),
    weights: path('weights'),
    modelConfig: path('config.json'),
    checkpoints: path('checkpoints'),
    output: path('output'),
    config: job.config,
  };
  await writeFile(base.tokens, encodeTokenSet(job.tokens));
  await writeFile(base.weights, encodeClassifierWeights(job.weights));
  await writeFile(base.modelConfig, JSON.stringify(bertConfigJson(job.modelConfig)));
});
afterAll(() => rm(folder, { recursive: true }));

const filesOf = (name: string): FineTuneFiles => ({
  ...base,
  checkpoints: join(folder, name, 'checkpoints'),
  output: join(folder, name, 'output'),
});
const digestIn = async ({ output }: FineTuneFiles): Promise<string> =>
  digestOf(await readFile(join(output, 'model.safetensors')));
const undisturbed = fineTune({ ...job, runtime: openRuntime({ threads: 1 }), now: () => 0 });

describe('fineTuneInChild', () => {
  it('writes the weights that fineTune gives here, and a log', async () => {
    const files = filesOf('plain');
    const progress: TrainingProgress[] = [];
    const summary = await fineTuneInChild(files, { onProgress: (event) => progress.push(event) });
    expect(await digestIn(files)).toBe(digestOf(encodeClassifierWeights((await undisturbed).weights)));
    const log = JSON.parse(await readFile(join(files.output, 'training.json'), 'utf8')) as TrainingLog;
    expect(log).toMatchObject(JSON.parse(JSON.stringify(summary)) as object);
    expect(log.stepLog.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(progress.filter(({ kind }) => kind === 'epoch')).toHaveLength(2);
  });

  it('trains adapters, and writes them beside the weights that they are merged into', async () => {
    const files = {
      ...filesOf('lora'),
      config: {
        ...job.config,
        epochs: 1,
        lora: { rank: 2, alpha: 4, targets: ['query', 'value'], dropout: 0 },
      },
    };
    await fineTuneInChild(files);
    const tensorsIn = async (...path: string[]): Promise<string[]> =>
      [...parseSafetensors(await readFile(join(files.output, ...path)), 'output').tensors.keys()].sort();
    expect(await tensorsIn('model.safetensors')).toEqual([...job.weights.keys()].sort());
    const adapters = await tensorsIn('adapter', 'adapter_model.safetensors');
    expect(adapters.filter((name) => name.includes('lora_A'))).toHaveLength(4);
    const config = JSON.parse(
      await readFile(join(files.output, 'adapter', 'adapter_config.json'), 'utf8'),
    ) as unknown;
    expect(config).toMatchObject({ peft_type: 'LORA', r: 2, lora_alpha: 4 });
  });

  it('goes on after cancellation to the same digest', async () => {
    const files = filesOf('cancelled');
    const controller = new AbortController();
    const canceled = fineTuneInChild(files, {
      signal: controller.signal,
      onProgress: (event) => {
        if (event.kind === 'step' && event.step === 4) controller.abort(new Error('cancelled'));
      },
    });
    await expect(canceled).rejects.toThrow('cancelled');
    const seen: TrainingProgress[] = [];
    await fineTuneInChild(files, { onProgress: (event) => seen.push(event) });
    expect(seen[0]).toMatchObject({ kind: 'resumed', totalSteps: 10 });
    expect(await digestIn(files)).toBe(digestOf(encodeClassifierWeights((await undisturbed).weights)));
  });

  it('heeds what is asked of it, also in the attempt after the one that was asked', async () => {
    const files = filesOf('controlled');
    const record: AppliedControl[] = [];
    const sourceAsking = (requests: readonly ControlRequest[]): ControlSource => ({
      applied: [...record],
      onRequest: (listener) => requests.forEach(listener),
      record: async (control) => void record.push(control),
    });
    const controller = new AbortController();
    const request: ControlRequest = { id: 'a', action: { learningRate: 0.5 } };
    const stopped = fineTuneInChild(files, {
      signal: controller.signal,
      controls: sourceAsking([request]),
      onProgress: (event) => {
        if (event.kind === 'step' && event.step === 4) controller.abort(new Error('stopped'));
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    expect(record).toEqual([{ ...request, step: expect.any(Number) as number, changesResult: true }]);
    const summary = await fineTuneInChild(files, { controls: sourceAsking([]) });
    expect(summary.controls).toEqual(record);
    const expected = await fineTune({
      ...job,
      runtime: openRuntime({ threads: 1 }),
      now: () => 0,
      controls: { applied: record, take: () => [], record: () => Promise.reject(new Error('is on record')) },
    });
    expect(await digestIn(files)).toBe(digestOf(encodeClassifierWeights(expected.weights)));
    expect(await digestIn(files)).not.toBe(digestOf(encodeClassifierWeights((await undisturbed).weights)));
  });

  it('ends with the error of a record that fails', async () => {
    const controls: ControlSource = {
      applied: [],
      onRequest: (listener) => listener({ id: 'a', action: 'evaluateNow' }),
      record: () => Promise.reject(new Error('The registry is away.')),
    };
    await expect(fineTuneInChild(filesOf('unrecorded'), { controls })).rejects.toThrow(
      'The registry is away.',
    );
  });

  it("refuses a bad configuration before a process is started, and bad files with the child's own words", async () => {
    await expect(fineTuneInChild({ ...base, config: { learningRate: -1 } })).rejects.toThrow(
      'training.learningRate must be above 0. Got -1 instead.',
    );
    const corrupt = join(folder, 'corrupt');
    await writeFile(corrupt, 'not tensors');
    await expect(fineTuneInChild({ ...filesOf('corrupt-weights'), weights: corrupt })).rejects.toThrow(
      `${corrupt} must be a safetensors file`,
    );
  });
});
