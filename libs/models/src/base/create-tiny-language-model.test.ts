import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseNetwork } from '../families.ts';
import { causalLanguageModel } from '../model.ts';
import { parseWeights } from '../model-weights.ts';
import { createTinyLanguageModel } from './create-tiny-language-model.ts';

const texts = [
  'How do I reset the printer? The printer shows error 0x80.',
  'Which printer do you have?',
  "It's the café printer — model 550,\n\n  on Windows 10.",
  'The printers print printouts.',
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-tiny-llama-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('createTinyLanguageModel', () => {
  it('writes a model that loads: tokenizer, configuration, weights and chat format fit each other', async () => {
    const base = await createTinyLanguageModel({
      texts,
      to: join(folder, 'tiny'),
      seed: 1,
      vocabularySize: 270,
    });
    expect(base).toMatchObject({
      name: 'tiny-llama',
      family: 'llama',
      chat: { config: join(folder, 'tiny', 'tokenizer_config.json') },
    });
    const model = causalLanguageModel(parseNetwork(await readFile(base.files.config, 'utf8')));
    expect(model.network.size).toMatchObject({
      layers: 2,
      hiddenSize: 32,
      vocabSize: 270,
      maxPositions: 8192,
    });
    const weights = parseWeights(await readFile(base.files.weights), model, { where: 'tiny', seed: 0 });
    expect(weights.get('model.norm.weight')!.data[0]).toBe(1);
    expect(weights.get('model.layers.1.self_attn.k_proj.weight')!.shape).toEqual([16, 32]);
    expect(JSON.parse(await readFile(base.chat.config!, 'utf8'))).toMatchObject({ eos_token: '<|im_end|>' });
  });

  it('learns the pieces of its texts and loses no byte of any text', async () => {
    const base = await createTinyLanguageModel({
      texts,
      to: join(folder, 'tiny'),
      seed: 1,
      vocabularySize: 400,
    });
    const tokenizer = new Tokenizer(
      JSON.parse(await readFile(base.files.tokenizer, 'utf8')) as object,
      JSON.parse(await readFile(base.chat.config!, 'utf8')) as object,
    );
    expect(tokenizer.encode(' printer').tokens).toEqual(['Ġprinter']);
    for (const text of [...texts, 'ж 漢字 \u0000 \u{1f600}  \n']) {
      const { ids } = tokenizer.encode(text);
      expect(tokenizer.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false })).toBe(
        text,
      );
    }
    expect(tokenizer.encode('<|im_end|>').ids).toEqual([2]);
  });

  it('gives the same bytes for the same texts and seed, other weights for another seed', async () => {
    const [first, second, third] = await Promise.all(
      [1, 1, 2].map((seed, i) => createTinyLanguageModel({ texts, to: join(folder, String(i)), seed })),
    );
    expect(second!.digests).toEqual(first!.digests);
    expect(third!.digests).toMatchObject({
      config: first!.digests.config,
      tokenizer: first!.digests.tokenizer,
    });
    expect(third!.digests.weights).not.toBe(first!.digests.weights);
  });

  it('refuses a corpus without words, and a vocabulary too small for all bytes', async () => {
    await expect(createTinyLanguageModel({ texts: [''], to: join(folder, 'x'), seed: 1 })).rejects.toThrow(
      'must be made from at least one word of text',
    );
    await expect(
      createTinyLanguageModel({ texts, to: join(folder, 'x'), seed: 1, vocabularySize: 100 }),
    ).rejects.toThrow('must have room for 259 special tokens and bytes. Got a size of 100 instead');
  });
});
