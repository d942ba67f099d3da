import { createTinyBase, createTinyLanguageModel } from '@overture/models';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorBase } from './commands/doctor-base.ts';
import { fitBases } from './fit-base.ts';
import { testContext } from './testing/test-context.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-fit-'));
  await createTinyBase({
    texts: ['a printer does not print'],
    to: join(folder, 'short'),
    seed: 1,
    hiddenSize: 8,
    maxPositions: 64,
  });
  await createTinyLanguageModel({
    texts: ['a printer does not print'],
    to: join(folder, 'chat'),
    seed: 1,
    maxPositions: 64,
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('fitBases', () => {
  it('uses the positions of the model where no length was set, and says so', async () => {
    const context = testContext(folder);
    expect(
      await fitBases(context, 'trainInitiativeModel', { base: './short', training: { epochs: 2 } }),
    ).toEqual({
      base: join(folder, 'short'),
      training: { epochs: 2, maxLength: 64 },
    });
    expect(context.terminal.err).toContain(
      `training.maxLength is 64 instead of the default 256: the base model ${join(folder, 'short')} has 64 positions.`,
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'trainInitiativeModel',
      { base: './short', training: { maxLength: 100 } },
      'training.maxLength must be at most 64, the positions that the model has. Got 100 instead.',
    ],
    [
      'crossValidate',
      { base: './short', training: { freezeLayers: 5 } },
      'The number of layers to freeze must be from 0 to 2',
    ],
    [
      'sweep',
      { base: './short', space: { maxLength: { values: [32, 128] } } },
      'space.maxLength (128).maxLength must be at most 64',
    ],
    [
      'sweep',
      { base: './short', space: { freezeLayers: { min: 0, max: 6, integer: true } } },
      'In space.freezeLayers (6): The number of layers to freeze must be from 0 to 2',
    ],
    [
      'initiativeStudy',
      { encoder: './short', languageModel: './short' },
      'is a bert, which does not predict the next token.',
    ],
    [
      'initiativeStudy',
      { encoder: './short', languageModel: './chat', turnLength: 80 },
      'turnLength must be at most 64',
    ],
    ['trainInitiativeModel', { base: './nothing' }, 'There is no such folder: check the path.'],
  ])('refuses %s with %j before anything is started', async (workflow, input, problem) => {
    await expect(fitBases(testContext(folder), workflow, input)).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining(problem) as string,
    });
  });

  it('fits every length of a study, and leaves tiny models to the run', async () => {
    const fitted = await fitBases(testContext(folder), 'initiativeStudy', {
      encoder: './short',
      languageModel: './chat',
    });
    expect(fitted).toMatchObject({
      training: { maxLength: 64 },
      languageModelTraining: { maxLength: 64 },
      prompting: { maxLength: 64 },
      turnLength: 64,
    });
    expect(await fitBases(testContext(folder), 'initiativeStudy', { preset: 'smoke' })).toEqual({
      preset: 'smoke',
    });
    expect(await fitBases(testContext(folder), 'promoteModel', { model: 'x' })).toEqual({ model: 'x' });
  });
});

describe('overture doctor --base', () => {
  it('explains a folder and exits with 0 if a classifier can be trained on it', async () => {
    const context = testContext(folder);
    expect(await doctorBase(context, './short')).toBe(0);
    const text = context.terminal.out;
    expect(text).toContain('bert: 2 layers of width 8, 64 positions');
    expect(text).toContain('padding token "[PAD]", id 0 (the token [PAD] of tokenizer.json)');
    expect(text).toContain('A classifier can be trained on it.');
  });

  it('gives the same as JSON', async () => {
    const context = testContext(folder, { json: true });
    expect(await doctorBase(context, join(folder, 'chat'))).toBe(0);
    expect(JSON.parse(context.terminal.out)).toMatchObject({
      usable: true,
      family: 'llama',
      languageModel: { usable: true, problems: [] },
      tokenizer: { pad: { token: '<|endoftext|>' } },
      problems: [],
    });
  });

  it('exits with 3 and every reason if not', async () => {
    await createTinyBase({ texts: ['a printer'], to: join(folder, 'broken'), seed: 1, hiddenSize: 8 });
    await writeFile(join(folder, 'broken', 'tokenizer.json'), '{');
    await writeFile(join(folder, 'broken', 'model.safetensors'), 'x');
    const context = testContext(folder, { json: true });
    expect(await doctorBase(context, 'broken')).toBe(3);
    const { usable, problems } = JSON.parse(context.terminal.out) as { usable: boolean; problems: string[] };
    expect(usable).toBe(false);
    expect(problems).toEqual([
      expect.stringContaining('tokenizer.json must be a tokenizer.json'),
      expect.stringContaining('model.safetensors must be a safetensors file'),
    ]);
    await expect(doctorBase(context, 'nowhere')).rejects.toMatchObject({
      code: 'BASE_MODEL_FOLDER_INVALID',
      message: expect.stringContaining('There is nothing at this path: check it.') as string,
    });
  });

  it('refuses a name that no worker knows', async () => {
    await expect(
      fitBases(testContext(folder), 'trainInitiativeModel', { base: 'bert-base' }),
    ).rejects.toMatchObject({
      code: 'BASE_MODEL_UNKNOWN',
      message: expect.stringContaining('Got "bert-base" instead.') as string,
    });
    expect(await fitBases(testContext(folder), 'trainInitiativeModel', { base: 'tiny' })).toEqual({
      base: 'tiny',
    });
  });
});
