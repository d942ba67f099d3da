import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { trainInput } from './train-input.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'overture-input-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

describe('trainInput', () => {
  it('only fails with its stages without options, and takes JSON, a file, options and settings, the later ones winning', async () => {
    expect(await trainInput({}, cwd)).toEqual({ onStageFailure: 'fail' });
    expect(await trainInput({ park: true }, cwd)).toEqual({ onStageFailure: 'park' });
    expect(await trainInput({ input: '{"onStageFailure":"park"}' }, cwd)).toEqual({ onStageFailure: 'park' });
    await writeFile(join(cwd, 'input.json'), '{"name":"support","training":{"epochs":3,"seed":4}}');
    expect(
      await trainInput(
        {
          input: 'input.json',
          corpus: 'talk.jsonl',
          base: 'tiny',
          set: ['training.epochs=1', 'training.classWeights=none', 'corpus.split={"seed":5}'],
        },
        cwd,
      ),
    ).toEqual({
      name: 'support',
      corpus: { uri: join(cwd, 'talk.jsonl'), split: { seed: 5 } },
      base: 'tiny',
      training: { epochs: 1, seed: 4, classWeights: 'none' },
      onStageFailure: 'fail',
    });
    expect(await trainInput({ input: '{"base":"minilm"}', base: './mine' }, cwd)).toMatchObject({
      base: join(cwd, 'mine'),
    });
  });

  it('takes paths in --corpus, --set and --input from the folder of the caller', async () => {
    await writeFile(join(cwd, 'paths.json'), '{"corpus":{"uri":"talk.jsonl"},"base":"./mine"}');
    const uri = join(cwd, 'talk.jsonl');
    for (const options of [
      { corpus: 'talk.jsonl' },
      { corpus: './talk.jsonl' },
      { set: ['corpus.uri=talk.jsonl'] },
      { input: '{"corpus":{"uri":"talk.jsonl"}}' },
      { input: 'paths.json' },
    ]) {
      expect((await trainInput(options, cwd))['corpus'], JSON.stringify(options)).toEqual({ uri });
    }
    expect((await trainInput({ input: 'paths.json' }, cwd))['base']).toBe(join(cwd, 'mine'));
    expect((await trainInput({ set: ['base=../theirs'] }, cwd))['base']).toBe(join(cwd, '..', 'theirs'));
    expect((await trainInput({ corpus: `file://${uri}` }, cwd))['corpus']).toEqual({ uri: `file://${uri}` });
  });

  it('names every key at fault before anything starts', async () => {
    const wrong = trainInput({ input: '{"training":{"learningRate":-1,"epoch":2},"color":"red"}' }, cwd);
    await expect(wrong).rejects.toMatchObject({ code: 'INPUT_INVALID', retryable: false });
    await expect(wrong).rejects.toThrow('The input of trainInitiativeModel is wrong.');
    await expect(wrong).rejects.toThrow('training.learningRate must be above 0. Got -1 instead.');
    await expect(wrong).rejects.toThrow(
      /training\.epoch is not a known key\. Did you mean "epochs"\? Known here: epochs, /,
    );
    await expect(wrong).rejects.toThrow('color is not a known key.');
  });

  it('says what is wrong with --input and --set', async () => {
    await expect(trainInput({ input: 'none.json' }, cwd)).rejects.toThrow(
      /--input must be a JSON object, or a file with one\. .*none\.json: ENOENT/,
    );
    await expect(trainInput({ input: '{"name":' }, cwd)).rejects.toThrow(
      'Got "{\\"name\\":": Unexpected end of JSON input',
    );
    await expect(trainInput({ set: ['training.epochs'] }, cwd)).rejects.toThrow(
      '--set must be key=value, such as training.epochs=2. Got "training.epochs" instead.',
    );
  });
});
