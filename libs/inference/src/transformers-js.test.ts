import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoTokenizer, env, pipeline } from '@huggingface/transformers';
import { nextSystemTurn } from '@overture/dialogue';
import { exampleEncoder } from '@overture/tokenization';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from './open-bundle.ts';
import { openPredictor } from './predictor.ts';
import { families, familyBundleContent, type Family } from './testing/family-bundle.ts';
import { oddConversations } from './testing/odd-conversations.ts';
import { genericModelType, opensInTransformersJs } from './transformers-js-support.ts';
import { writeBundle } from './write-bundle.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'overture-transformers-'));
  Object.assign(env, { allowRemoteModels: false, useFSCache: false });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

interface OpenOptions {
  readonly dtype?: 'fp32' | 'q8';
  /** Replaces the type in config.json. */
  readonly modelType?: string;
}

/** P(initiative) of texts, from the pipeline of transformers.js. */
async function theirScores(
  folder: string,
  texts: readonly string[],
  { dtype = 'fp32', modelType }: OpenOptions = {},
): Promise<number[]> {
  const config =
    modelType === undefined
      ? null
      : {
          ...(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as object),
          model_type: modelType,
        };
  const classify = await pipeline('text-classification', folder, {
    dtype,
    device: 'cpu',
    config: config as never,
  });
  const scores: number[] = [];
  for (const text of texts) {
    // One at a time: in int8, a batch shares one scale.
    const answer = (await classify([text], { top_k: 2 })) as unknown as { label: string; score: number }[][];
    const byLabel = Object.fromEntries(answer[0]!.map(({ label, score }) => [label, score]));
    expect(Object.keys(byLabel).sort()).toEqual(['INITIATIVE', 'NO_INITIATIVE']);
    scores.push(byLabel['INITIATIVE']!);
  }
  await classify.dispose();
  return scores;
}

/** The texts that the model reads. */
async function textsOf(
  folder: string,
): Promise<{ readonly texts: string[]; readonly ids: (readonly number[])[] }> {
  const { tokenizer, manifest } = await openBundle(folder);
  const encode = exampleEncoder(tokenizer, { maxLength: manifest.text.maxLength });
  const encoded = oddConversations.map((conversation) =>
    encode(nextSystemTurn(conversation, manifest.text.protocol)),
  );
  return { texts: encoded.map(({ text }) => text), ids: encoded.map(({ ids }) => ids) };
}

function runCardProgram(program: string, folder: string, conversations: string): number[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, folder, conversations], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return stdout.trim().split('\n').map(Number);
}

describe.each(Object.keys(families) as Family[])('a bundle of %s in transformers.js', (family) => {
  const { model_type: modelType } = families[family].config;
  const opens = opensInTransformersJs(modelType);
  let folder: string;
  let ours: { readonly probability: number; readonly truncated: boolean }[];
  beforeAll(async () => {
    folder = join(scratch, family.replaceAll(/\W+/g, '-'));
    await writeBundle(folder, familyBundleContent(family));
    await using predictor = await openPredictor(folder, { threads: 1, processes: 0 });
    ours = await predictor.predictNext(oddConversations);
  });

  it('has the same ids for every text', async () => {
    const { texts, ids } = await textsOf(folder);
    const tokenizer = await AutoTokenizer.from_pretrained(folder);
    texts.forEach((text, i) => expect(tokenizer.encode(text)).toEqual(ids[i]));
    expect(ours.filter(({ truncated }) => truncated).length).toBeGreaterThan(5);
  });

  it(
    opens ? 'opens as text-classification' : 'opens under another model type, and not under its own',
    async () => {
      const { texts } = await textsOf(folder);
      if (!opens)
        await expect(theirScores(folder, [])).rejects.toThrow(`Unsupported model type: ${modelType}`);
      const theirs = await theirScores(folder, texts, opens ? {} : { modelType: genericModelType });
      ours.forEach(({ probability }, i) => expect(Math.abs(theirs[i]! - probability)).toBeLessThan(1e-5));
      expect(new Set(ours.map(({ probability }) => probability.toFixed(6))).size).toBeGreaterThan(10);
    },
  );

  it('gives the program of its card the same probabilities', async () => {
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    const program = [...card.matchAll(/^```js\n([^]*?)^```/gm)]
      .map(([, code]) => code!)
      .find((code) => code.includes('@huggingface/transformers'))!;
    const place = join(scratch, 'card-program');
    await writeFile(`${place}.mjs`, program);
    await symlink(join(import.meta.dirname, '../../../node_modules'), join(scratch, 'node_modules')).catch(
      () => undefined,
    ); // once
    await writeFile(`${place}.json`, JSON.stringify(oddConversations));
    const theirs = runCardProgram(`${place}.mjs`, folder, `${place}.json`);
    expect(theirs).toHaveLength(oddConversations.length);
    ours.forEach(({ probability }, i) => expect(Math.abs(theirs[i]! - probability)).toBeLessThan(1e-5));
  });

  it('has the same probabilities in int8, as the card says', async () => {
    const quantized = `${folder}-int8`;
    const sequences = (await textsOf(folder)).ids;
    const validation = { sequences, labels: sequences.map((_, i) => i % 2) };
    await writeBundle(
      quantized,
      familyBundleContent(family, { int8: { validation, largestDrop: 1, threads: 1 } }),
    );
    await using predictor = await openPredictor(quantized, { threads: 1, processes: 0, precision: 'int8' });
    const rough = await predictor.predictNext(oddConversations);
    const theirs = await theirScores(quantized, (await textsOf(quantized)).texts, {
      dtype: 'q8',
      ...(!opens && { modelType: genericModelType }),
    });
    rough.forEach(({ probability }, i) => expect(Math.abs(theirs[i]! - probability)).toBeLessThan(1e-4));
    expect(rough.some(({ probability }, i) => probability !== ours[i]!.probability)).toBe(true);
    expect(await readFile(join(quantized, 'README.md'), 'utf8')).toContain(
      "`dtype: 'q8'` in transformers.js",
    );
  });

  it(`says in its card that it ${opens ? 'opens' : 'does not open as it is'}`, async () => {
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(
      card.includes("With transformers.js 4: `pipeline('text-classification', folder)` opens this folder."),
    ).toBe(opens);
    expect(card.includes(`"Unsupported model type: ${modelType}"`)).toBe(!opens);
  });
});
