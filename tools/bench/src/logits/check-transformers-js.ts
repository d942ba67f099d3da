import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';
import type { ExampleInput } from '@overture/dialogue';
import { openBundle, openPredictor, type Prediction } from '@overture/inference';
import { resolveBaseModel } from '@overture/models';
import { exampleEncoder } from '@overture/tokenization';
import { benchBundle, sampleExamples } from '../predict/bench-bundle.ts';

const limit = 1e-4; // of a probability

/**
 * Opens bundles in our predictor and in the pipeline of transformers.js, and compares the probabilities of
 * dialogues from the sample corpus. A bundle of the real MiniLM with a random head is always included.
 * @param bundles folders of further bundles
 * @returns whether every difference is within 1e-4
 */
export async function checkTransformersJs(bundles: readonly string[]): Promise<boolean> {
  Object.assign(env, { allowRemoteModels: false, useFSCache: false });
  const folder = await mkdtemp(join(tmpdir(), 'overture-parity-'));
  try {
    const base = await resolveBaseModel('minilm', {
      cacheDir: join(homedir(), '.cache', 'overture', 'models'),
      env: process.env,
    });
    const examples = await sampleExamples({ corpus: undefined, requests: 200 });
    await benchBundle(base, { examples, folder: join(folder, 'bundle'), headScale: 100 });
    const results: boolean[] = [];
    for (const [name, path] of [
      ['minilm with a random head', join(folder, 'bundle')],
      ...bundles.map((each) => [each, resolve(each)]),
    ] as const)
      results.push(await compare(name, path, examples));
    return results.every(Boolean);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(name: string, bundle: string, examples: readonly ExampleInput[]): Promise<boolean> {
  await using predictor = await openPredictor(bundle);
  const all = await predictor.predict(examples);
  const { tokenizer, manifest } = await openBundle(bundle);
  const encode = exampleEncoder(tokenizer, manifest.text);
  const classify = await pipeline('text-classification', bundle, { dtype: 'fp32', device: 'cpu' });
  let largest = 0;
  for (const [i, example] of examples.entries()) {
    const [labels] = (await classify([encode(example).text], { top_k: 2 })) as unknown as [
      { label: string; score: number }[],
    ];
    largest = Math.max(
      largest,
      Math.abs(labels.find(({ label }) => label === 'INITIATIVE')!.score - all[i]!.probability),
    );
  }
  await classify.dispose();
  process.stdout.write(
    `${name} in transformers.js ${env.version}: ${all.length} dialogues, ${all.filter(({ truncated }) => truncated).length} of them truncated, probabilities from ${extreme(all, Math.min)} to ${extreme(all, Math.max)}; largest difference ${largest.toExponential(1)} (limit ${limit}).\n`,
  );
  return largest <= limit;
}

function extreme(predictions: readonly Prediction[], of: (...values: number[]) => number): string {
  return of(...predictions.map(({ probability }) => probability)).toFixed(3);
}
