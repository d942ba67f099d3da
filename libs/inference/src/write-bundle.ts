import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, type Digest } from '@overture/core';
import { inputProblems } from '@overture/dag';
import type { Protocol, TagSet } from '@overture/dialogue';
import { encodeOnnx, type Graph } from '@overture/graph';
import { modelGraph, pinnedModels, type Model, type Pooling, type Weights } from '@overture/models';
import { float32, type Tensor } from '@overture/tensors';
import { loadTokenizer, templateVersion, textTemplate } from '@overture/tokenization';
import { bundleFiles, int8GraphFile, labels } from './bundle-files.ts';
import { bundleManifest, type BundleManifest } from './bundle-manifest.ts';
import { digestBytes } from './digest-bytes.ts';
import { int8Gate, type Int8Options } from './int8-gate.ts';
import { modelCard } from './model-card.ts';
import { tokenizerConfigJson } from './tokenizer-config-json.ts';

/** Everything that a bundle is written from. */
export interface BundleContent {
  /** The model's name, for its card. */
  readonly name: string;
  /** A classifier of two classes. */
  readonly model: Model;
  /** Network and head, fine-tuned. */
  readonly weights: Weights;
  readonly pooling: Pooling;
  /** The bytes of the base model's tokenizer.json. */
  readonly tokenizer: Uint8Array;
  readonly base: { readonly name: string; readonly digests?: Readonly<Record<string, Digest>> };
  readonly protocol: Protocol;
  readonly tagSet: TagSet;
  readonly maxLength: number;
  /**
   * The threshold tuned on the model's own probabilities, before calibration. The manifest contains it for
   * calibrated ones.
   */
  readonly threshold: number;
  /** Calibration: the exported logits are the model's divided by this. 1 leaves them unchanged. */
  readonly temperature: number;
  /** For the card: the training settings, and scores on the validation split. */
  readonly training: BundleManifest['training'];
  /** Adds the int8 graph if it passes the gate on these examples. Default: float32 only. */
  readonly int8?: Int8Options;
}

/**
 * Writes a trained model as a self-contained folder, for Overture and for transformers.js. Equal content
 * produces equal bytes. The folder appears atomically and replaces one of the same name.
 * @throws AppError `BUNDLE_CONTENT_INVALID`, and the errors of reading the tokenizer
 */
export async function writeBundle(folder: string, content: BundleContent): Promise<BundleManifest> {
  const { model, weights, pooling, temperature } = content;
  checkFit(content);
  const graph = modelGraph(
    model,
    calibrated(weights, { head: model.network.head.classifierLayer, temperature }),
    { pooling },
  );
  const decision = { threshold: calibratedThreshold(content.threshold, temperature), temperature };
  const int8 = content.int8 && (await int8Gate(graph, decision.threshold, content.int8));
  const files = new Map(contentFiles(content, graph, int8?.graph));
  const manifest = manifestOf(content, files, { decision, int8: int8?.measured });
  files.set(bundleFiles.manifest, json(manifest));
  files.set(
    bundleFiles.card,
    new TextEncoder().encode(modelCard(content.name, manifest, model.network.family)),
  );
  const draft = `${folder}.${process.pid}.draft`;
  try {
    await rm(draft, { recursive: true, force: true });
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(draft, name)), { recursive: true });
      await writeFile(join(draft, name), bytes);
    }
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return manifest;
}

function checkFit({ model, tokenizer, maxLength }: BundleContent): void {
  const { vocabSize } = loadTokenizer(tokenizer);
  const { vocabSize: embedded, maxPositions } = model.network.size;
  if (vocabSize <= embedded && maxLength <= maxPositions) return;
  throw new AppError(
    'BUNDLE_CONTENT_INVALID',
    `The network must have an embedding for each of the tokenizer's ${vocabSize} tokens and ${maxLength} positions. Got ${embedded} tokens and ${maxPositions} positions instead: use the tokenizer and the config of one model.`,
    { details: { vocabSize, maxLength, config: { vocabSize: embedded, maxPositions } } },
  );
}

function* contentFiles(
  { model, tokenizer, maxLength }: BundleContent,
  graph: Graph,
  int8: Graph | undefined,
): Generator<[string, Uint8Array]> {
  yield [bundleFiles.config, json(model.configJson(labels))];
  yield [bundleFiles.tokenizer, tokenizer];
  yield [bundleFiles.tokenizerConfig, json(tokenizerConfigJson(tokenizer, maxLength))];
  yield [bundleFiles.graph, encodeOnnx(graph)];
  if (int8 !== undefined) yield [int8GraphFile, encodeOnnx(int8)];
}

/**
 * The head divided by the temperature, so that every reader of the graph gets calibrated probabilities (Guo
 * et al., ICML 2017).
 */
function calibrated(
  weights: Weights,
  { head, temperature }: { readonly head: string; readonly temperature: number },
): Weights {
  if (temperature === 1) return weights;
  const scaled = ({ shape, data }: Tensor): Tensor =>
    float32(
      shape,
      (data as Float32Array).map((value) => value / temperature),
    );
  return new Map(
    [...weights].map(([name, tensor]) => [name, name.startsWith(`${head}.`) ? scaled(tensor) : tensor]),
  );
}

function manifestOf(
  content: BundleContent,
  files: ReadonlyMap<string, Uint8Array>,
  measured: Pick<BundleManifest, 'decision' | 'int8'>,
): BundleManifest {
  const { base, protocol, tagSet, maxLength, pooling, training } = content;
  const template = textTemplate(loadTokenizer(content.tokenizer), { protocol, maxLength });
  const license = pinnedModels.find(({ name }) => name === base.name)?.license;
  const parsed = bundleManifest.safeParse(
    {
      format: 'overture-bundle',
      formatVersion: 1,
      base: { name: base.name, digests: base.digests, license },
      text: {
        protocol,
        tagSet: { name: tagSet.name, tags: [...tagSet.tags] },
        templateVersion,
        maxLength,
        template,
      },
      pooling,
      training,
      ...measured,
      files: Object.fromEntries([...files].map(([name, bytes]) => [name, digestBytes(bytes)])),
    },
    { reportInput: true },
  );
  if (parsed.success) return parsed.data;
  const problems = inputProblems(bundleManifest, parsed.error);
  throw new AppError(
    'BUNDLE_CONTENT_INVALID',
    `A bundle must be written with valid settings. ${problems.join(' ')}`,
    { details: { problems } },
  );
}

/**
 * The same decision on calibrated probabilities: sigmoid(log-odds / temperature), in a form that preserves 0
 * and 1.
 */
function calibratedThreshold(threshold: number, temperature: number): number {
  if (temperature === 1) return threshold;
  const [yes, no] = [threshold ** (1 / temperature), (1 - threshold) ** (1 / temperature)];
  return yes / (yes + no);
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
