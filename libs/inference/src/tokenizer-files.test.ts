import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoTokenizer, env, pipeline } from '@huggingface/transformers';
import { nextSystemTurn } from '@overture/dialogue';
import {
  encodeWeights,
  parseNetwork,
  parseWeights,
  resolveBaseModel,
  sequenceClassifier,
} from '@overture/models';
import { encodeExample } from '@overture/tokenization';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from './open-bundle.ts';
import { openPredictor } from './predictor.ts';
import { families, familyBundleContent, type Family } from './testing/family-bundle.ts';
import { oddConversations } from './testing/odd-conversations.ts';
import { genericModelType, opensInTransformersJs } from './transformers-js-support.ts';
import { writeBundle } from './write-bundle.ts';

interface Definition {
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges?: readonly (readonly [string, string])[];
  };
  readonly padding?: unknown;
}

type Files = Readonly<Record<string, string>>;

const json = (value: unknown): string => JSON.stringify(value);
const named = {
  bert: { pad_token: '[PAD]', cls_token: '[CLS]', sep_token: '[SEP]' },
  roberta: { pad_token: '<pad>', eos_token: '</s>' },
  'llama 2': { eos_token: '</s>', bos_token: '<s>' },
  'llama 3': { eos_token: '<|eot_id|>' },
} as const;
const mapped = (tokens: object): object =>
  Object.fromEntries(
    Object.entries(tokens).map(([name, content]) => [
      name,
      { content, lstrip: false, rstrip: false, normalized: false, single_word: false },
    ]),
  );

/** The tokenizer's files as in model folders; the network's own files are added. */
function combinations(family: keyof typeof named): Readonly<Record<string, Files>> {
  const { padding: _, ...definition } = JSON.parse(
    new TextDecoder().decode(familyBundleContent(family).tokenizer),
  ) as Definition;
  const { vocab, merges } = definition.model;
  const tokenizer = { 'tokenizer.json': json(definition) };
  const config = {
    'tokenizer_config.json': json({
      ...named[family],
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: 512,
    }),
  };
  const legacy: Files | undefined =
    family === 'bert'
      ? {
          'vocab.txt':
            Object.keys(vocab)
              .sort((a, b) => vocab[a]! - vocab[b]!)
              .join('\n') + '\n',
        }
      : family === 'roberta'
        ? {
            'vocab.json': json(vocab),
            'merges.txt': `#version: 0.2\n${merges!.map((pair) => pair.join(' ')).join('\n')}\n`,
            'added_tokens.json': json({ '<mask>': vocab['<mask>'] }),
          }
        : undefined;
  const added = { ...tokenizer, ...config, 'added_tokens.json': json({ '<tool_call>': 1000 }) };
  return {
    'tokenizer.json alone': tokenizer,
    'tokenizer.json and tokenizer_config.json': { ...tokenizer, ...config },
    'tokenizer.json, tokenizer_config.json and special_tokens_map.json': {
      ...tokenizer,
      ...config,
      'special_tokens_map.json': json(mapped(named[family])),
    },
    ...(legacy && {
      'the files of a slow tokenizer': {
        ...legacy,
        'tokenizer_config.json': json({ ...named[family], do_lower_case: true }),
      },
    }),
    ...(legacy === undefined && { 'tokenizer.json, tokenizer_config.json and added_tokens.json': added }),
  };
}

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'overture-tokenizer-files-'));
  Object.assign(env, { allowRemoteModels: false, useFSCache: false });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function modelFolder(family: Family, name: string, files: Files): Promise<string> {
  const folder = join(scratch, `${family} ${name}`.replaceAll(/\W+/g, '-'));
  const { weights } = familyBundleContent(family);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), json(families[family].config));
  await writeFile(join(folder, 'model.safetensors'), encodeWeights(weights));
  for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content);
  return folder;
}

const cases = (Object.keys(named) as (keyof typeof named)[]).flatMap((family) =>
  Object.entries(combinations(family)).map(([name, files]) => [family, name, files] as const),
);

describe('a model folder of each family, with the files of its tokenizer in their usual combinations', () => {
  it.each(cases)(
    '%s with %s: the same ids and probabilities here and in transformers.js',
    async (family, name, files) => {
      const folder = await modelFolder(family, name, files);
      const base = await resolveBaseModel(folder, { cacheDir: join(scratch, 'cache') });
      const model = sequenceClassifier(parseNetwork(await readFile(base.files.config, 'utf8')), {
        classes: 2,
      });
      const weights = parseWeights(await readFile(join(folder, 'model.safetensors')), model, {
        where: folder,
        seed: 0,
      });
      const tokenizerJson = await readFile(base.files.tokenizer);
      const bundle = `${folder}-bundle`;
      await writeBundle(
        bundle,
        familyBundleContent(family, { model, weights, tokenizer: tokenizerJson, base: { name } }),
      );

      const { tokenizer, manifest } = await openBundle(bundle);
      const reference = await referenceBundle(family);
      if (name.endsWith('added_tokens.json'))
        expect(tokenizer.encode('<tool_call>', { markup: true }).slice(-1)).toEqual([1000]);
      else expect(tokenizer.plainTextRule).toEqual(reference.tokenizer.plainTextRule);
      expect(tokenizer.encode('a<tool_call>')).not.toContain(1000);
      const theirs = await AutoTokenizer.from_pretrained(bundle);
      const texts = oddConversations.map((conversation) => {
        const example = nextSystemTurn(conversation, manifest.text.protocol);
        const { text, ids } = encodeExample(tokenizer, example, manifest.text);
        expect(ids).toEqual(encodeExample(reference.tokenizer, example, manifest.text).ids);
        expect(theirs.encode(text)).toEqual(ids);
        return text;
      });

      await using predictor = await openPredictor(bundle, { processes: 0, threads: 1 });
      const ours = await predictor.predictNext(oddConversations);
      const modelType = families[family].config.model_type;
      const config = opensInTransformersJs(modelType)
        ? null
        : {
            ...(JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8')) as object),
            model_type: genericModelType,
          };
      const classify = await pipeline('text-classification', bundle, {
        dtype: 'fp32',
        device: 'cpu',
        config: config as never,
      });
      // All together: padded with whatever token the folder names.
      const answers = (await classify(texts, { top_k: 2 })) as unknown as {
        label: string;
        score: number;
      }[][];
      await classify.dispose();
      answers.forEach((answer, i) =>
        expect(
          Math.abs(answer.find(({ label }) => label === 'INITIATIVE')!.score - ours[i]!.probability),
        ).toBeLessThan(1e-4),
      );
    },
  );

  it('says how to make tokenizer.json where a folder has the model of SentencePiece only', async () => {
    const folder = await modelFolder('llama 2', 'sentencepiece', {
      'tokenizer.model': 'not read',
      'tokenizer_config.json': json(named['llama 2']),
    });
    await expect(resolveBaseModel(folder, { cacheDir: join(scratch, 'cache') })).rejects.toThrow(
      /AutoTokenizer\.from_pretrained\(.*\)\.save_pretrained\(/,
    );
  });
});

/** A bundle of the family, as in its fixture. */
async function referenceBundle(family: Family): ReturnType<typeof openBundle> {
  const folder = join(scratch, `reference-${family}`.replaceAll(/\W+/g, '-'));
  await writeBundle(folder, familyBundleContent(family));
  return openBundle(folder);
}
