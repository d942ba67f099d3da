import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { examplesOf, openCorpus, resolveTagSet, type ExampleInput } from '@overture/dialogue';
import { writeBundle } from '@overture/inference';
import { classCount, parseNetwork, parseWeights, sequenceClassifier, type BaseModel } from '@overture/models';
import { float32 } from '@overture/tensors';
import { exampleEncoder, loadTokenizer } from '@overture/tokenization';
import { root } from '../write-report.ts';

/** The maximum tokens of an example in this benchmark. */
export const maxLength = 256;
const rule = { protocol: 'cikm23', tagSet: resolveTagSet('cikm23-5') } as const;

/** Options of a benchmark bundle. */
export interface BenchBundleOptions {
  readonly examples: readonly ExampleInput[];
  readonly folder: string;
  /** A factor for the head, which is small at first, so that probabilities differ. */
  readonly headScale?: number;
}

/** Requests from across the corpus. */
export async function sampleExamples({
  corpus: path,
  requests,
}: {
  readonly corpus: string | undefined;
  readonly requests: number;
}): Promise<ExampleInput[]> {
  const corpus = await openCorpus(path ?? join(root, 'data', 'sample', 'helpdesk.jsonl'));
  const all: ExampleInput[] = [];
  for await (const conversation of corpus.conversations()) all.push(...examplesOf(conversation, rule));
  return Array.from(
    { length: Math.min(requests, all.length) },
    (_, i) => all[Math.floor((i * all.length) / requests)],
  );
}

/**
 * Writes a bundle of the base model with an untrained head, in both precisions. Its decisions do not matter.
 * @returns the number of tokens of all examples
 */
export async function benchBundle(
  { name, files, digests }: BaseModel,
  { examples, folder, headScale = 1 }: BenchBundleOptions,
): Promise<number> {
  const model = sequenceClassifier(parseNetwork(await readFile(files.config, 'utf8'), files.config), {
    classes: classCount,
  });
  const tokenizer = await readFile(files.tokenizer);
  const sequences = examples
    .map(exampleEncoder(loadTokenizer(tokenizer), { maxLength }))
    .map(({ ids }) => ids);
  const weights = parseWeights(await readFile(files.weights), model, { where: files.weights, seed: 0 });
  const head = `${model.network.head.classifierLayer}.`;
  await writeBundle(folder, {
    name: 'bench',
    model,
    tokenizer,
    maxLength,
    ...rule,
    base: { name, digests },
    pooling: 'mean',
    threshold: 0.5,
    temperature: 1,
    weights: new Map(
      [...weights].map(([key, tensor]) => [
        key,
        key.startsWith(head)
          ? float32(
              tensor.shape,
              (tensor.data as Float32Array).map((value) => value * headScale),
            )
          : tensor,
      ]),
    ),
    training: { settings: {}, measured: {} },
    int8: { validation: { sequences: sequences.slice(0, 2), labels: [0, 1] }, largestDrop: 1 },
  });
  return sequences.reduce((sum, ids) => sum + ids.length, 0);
}
