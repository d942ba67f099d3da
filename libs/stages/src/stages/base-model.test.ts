import { createTinyBase } from '@overture/models';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { executeStage } from '@overture/execution';
import { encodeSafetensors, parseSafetensors } from '@overture/tensors';
import { testServices } from '../testing/services.ts';
import { runStage, storedCorpus, zugConversations } from '../testing/run-stage.ts';
import { createTinyLanguageModelStage, fetchBaseStage } from './base-model.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'overture-base-')), 'mine');
  await createTinyBase({
    texts: ['the printer is broken again', 'which printer is it'],
    to: folder,
    seed: 1,
    layers: 1,
    hiddenSize: 8,
    heads: 2,
  });
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

describe("fetchBase of a folder of one's own", () => {
  it('stores its files as they are', async () => {
    await using test = await testServices();
    const { output } = await executeStage(fetchBaseStage, test.request({ name: folder }), test);
    const { weights } = fetchBaseStage.contract.output.parse(output);
    expect(Buffer.from(await test.services.artifacts.readBytes(weights))).toEqual(
      await readFile(join(folder, 'model.safetensors')),
    );
    expect(output).not.toHaveProperty('chat');
  });

  it('stores shards as one file with the same tensors', async () => {
    const whole = await readFile(join(folder, 'model.safetensors'));
    const { tensors } = parseSafetensors(new Uint8Array(whole), 'whole');
    const names = [...tensors.keys()];
    const half = names.length >> 1;
    for (const [i, part] of [names.slice(0, half), names.slice(half)].entries()) {
      await writeFile(
        join(folder, `model-0000${i + 1}-of-00002.safetensors`),
        encodeSafetensors(new Map(part.map((name) => [name, tensors.get(name)!]))),
      );
    }
    await writeFile(
      join(folder, 'model.safetensors.index.json'),
      JSON.stringify({
        weight_map: Object.fromEntries(
          names.map((name, i) => [name, `model-0000${i < half ? 1 : 2}-of-00002.safetensors`]),
        ),
      }),
    );
    await rm(join(folder, 'model.safetensors'));
    await using test = await testServices();
    const { weights } = await runStage(test, fetchBaseStage, { name: folder });
    expect(Buffer.from(await test.services.artifacts.readBytes(weights))).toEqual(whole);
  });

  it('refuses settings that the model does not allow, before anything else runs', async () => {
    await using test = await testServices();
    const failed = executeStage(
      fetchBaseStage,
      test.request({
        name: folder,
        uses: [{ key: 'training', task: 'classifier', maxLength: 600, freezeLayers: 2, lora: null }],
      }),
      test,
    );
    await expect(failed).rejects.toMatchObject({
      code: 'BASE_MODEL_UNFIT',
      retryable: false,
      message: expect.stringContaining(
        'training.maxLength must be at most 512, the positions that the model has. Got 600 instead. In training: The number of layers to freeze must be from 0 to 1',
      ),
    });
  });

  it('stores how it is asked in chats, and looks again when that has changed', async () => {
    await writeFile(join(folder, 'tokenizer_config.json'), '{}');
    await writeFile(join(folder, 'chat_template.jinja'), 'one');
    await using test = await testServices();
    const fetched = async () =>
      fetchBaseStage.contract.output.parse(
        (await executeStage(fetchBaseStage, test.request({ name: folder }), test)).output,
      );
    const before = await fetched();
    expect([...(await test.services.artifacts.listTree(before.chat!)).keys()].sort()).toEqual([
      'chat_template.jinja',
      'tokenizer_config.json',
    ]);
    await writeFile(join(folder, 'chat_template.jinja'), 'other');
    const after = await fetched();
    expect(after.chat).not.toEqual(before.chat);
    expect({ ...after, chat: before.chat }).toEqual(before);
  });

  it.each([
    [
      'weights that were cut off',
      'model.safetensors',
      (file: string) => truncate(file, 3000),
      'SAFETENSORS_INVALID',
    ],
    [
      'weights that are something else',
      'model.safetensors',
      (file: string) => writeFile(file, 'no tensors here'),
      'SAFETENSORS_INVALID',
    ],
    ['a broken tokenizer', 'tokenizer.json', (file: string) => writeFile(file, '{'), 'TOKENIZER_INVALID'],
  ])('refuses %s, names the file where it lies and leaves nothing', async (_name, file, damage, code) => {
    await damage(join(folder, file));
    await using test = await testServices();
    const failed = executeStage(fetchBaseStage, test.request({ name: folder }), test);
    await expect(failed).rejects.toMatchObject({
      code,
      retryable: false,
      message: expect.stringContaining(join(folder, file)),
    });
    expect(test.services.registry.executions).toMatchObject([{ outcome: { state: 'failed' } }]);
  });
});

describe('createTinyLanguageModel', () => {
  it('gives what fetchBase gives, out of the training split alone', async () => {
    await using test = await testServices();
    const make = async (word: string) => {
      const corpus = await storedCorpus(
        test,
        zugConversations.map((each) =>
          each.split === 'test'
            ? { ...each, utterances: [{ role: 'user' as const, text: `${word} `.repeat(50) }] }
            : each,
        ),
      );
      return await runStage(test, createTinyLanguageModelStage, { corpus, seed: 0 });
    };
    const made = await make('hello');
    expect(fetchBaseStage.contract.output.parse(made)).toEqual(made);
    expect(made).toMatchObject({ name: 'tiny-llama', chat: { kind: 'chat-format' } });
    expect(await make('other')).toEqual(made);
  });
});
