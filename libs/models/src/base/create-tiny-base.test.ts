import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSafetensors } from '@overture/tensors';
import { Tokenizer } from '@huggingface/tokenizers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseBertConfig } from '../bert-config.ts';
import { parseClassifierWeights } from '../bert-classifier.ts';
import { createTinyBase } from './create-tiny-base.ts';

const texts = [
  'How do I reset the printer? The printer shows error 0x80.',
  'Which printer do you have? Please name the model.',
  'It is the café printer — model 550, on Windows 10.',
  'Printing, printed, prints: the printers print printouts.',
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-tiny-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function tokenizerOf(path: string): Promise<Tokenizer> {
  return new Tokenizer(JSON.parse(await readFile(path, 'utf8')), {});
}

describe('createTinyBase', () => {
  it('writes a model that loads: tokenizer, configuration and weights fit each other', async () => {
    const base = await createTinyBase({
      texts,
      to: join(folder, 'deep', 'tiny'),
      seed: 1,
      vocabularySize: 150,
    });
    expect(base).toMatchObject({ name: 'tiny', family: 'bert', source: 'made from the corpus' });
    expect((await readdir(join(folder, 'deep', 'tiny'))).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
    ]);
    const config = parseBertConfig(await readFile(base.files.config, 'utf8'));
    expect(config).toMatchObject({
      layers: 2,
      hiddenSize: 64,
      heads: 4,
      maxPositions: 512,
      intermediateSize: 256,
    });
    const weights = parseClassifierWeights(await readFile(base.files.weights), config, {
      where: 'tiny',
      seed: 0,
    });
    expect(weights.get('bert.embeddings.word_embeddings.weight')?.shape).toEqual([config.vocabSize, 64]);
    const words = weights.get('bert.embeddings.word_embeddings.weight')!.data as Float32Array;
    const variance = words.reduce((sum, value) => sum + value * value, 0) / words.length;
    expect(Math.sqrt(variance)).toBeCloseTo(0.02, 3);
    const tokenizer = await tokenizerOf(base.files.tokenizer);
    const { ids, tokens } = tokenizer.encode('The printers reset!');
    expect(tokens.at(0)).toBe('[CLS]');
    expect(tokens.at(-1)).toBe('[SEP]');
    expect(Math.max(...ids)).toBeLessThan(config.vocabSize);
  });

  it('learns the pieces of its corpus: no unknown token in it, frequent words whole', async () => {
    const base = await createTinyBase({ texts, to: join(folder, 'tiny'), seed: 1, vocabularySize: 200 });
    const tokenizer = await tokenizerOf(base.files.tokenizer);
    for (const text of texts) expect(tokenizer.encode(text).tokens).not.toContain('[UNK]');
    expect(tokenizer.encode('printer').tokens).toEqual(['[CLS]', 'printer', '[SEP]']);
    expect(tokenizer.encode('Café PRINTER').tokens).toEqual(tokenizer.encode('cafe printer').tokens);
    expect(tokenizer.encode('ж').tokens).toEqual(['[CLS]', '[UNK]', '[SEP]']);
  });

  it('gives the same bytes for the same texts and seed, whatever the form of the texts; other weights for another seed', async () => {
    async function* streamed(): AsyncIterable<string> {
      yield* texts;
    }
    const first = await createTinyBase({ texts, to: join(folder, 'a'), seed: 1 });
    const second = await createTinyBase({ texts: streamed(), to: join(folder, 'b'), seed: 1 });
    const third = await createTinyBase({ texts, to: join(folder, 'a'), seed: 2 });
    expect(second.digests).toEqual(first.digests);
    expect(third.digests).toMatchObject({ config: first.digests.config, tokenizer: first.digests.tokenizer });
    expect(third.digests.weights).not.toBe(first.digests.weights);
    expect(
      parseSafetensors(await readFile(third.files.weights), 'a').tensors.get('embeddings.LayerNorm.weight')
        ?.data[0],
    ).toBe(1);
  });

  it('refuses a corpus without words, and a vocabulary too small for its characters, leaving nothing', async () => {
    await expect(createTinyBase({ texts: ['', ' \n'], to: join(folder, 'x'), seed: 1 })).rejects.toThrow(
      'must be made from at least one word of text',
    );
    await expect(
      createTinyBase({ texts, to: join(folder, 'x'), seed: 1, vocabularySize: 20 }),
    ).rejects.toThrow(/must have room for \d+ special tokens and characters\. Got a size of 20 instead/);
    expect(await readdir(folder)).toEqual([]);
  });
});
