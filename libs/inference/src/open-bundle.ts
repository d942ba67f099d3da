import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@overture/core';
import { parseNetwork } from '@overture/models';
import { loadTokenizer, type Tokenizer } from '@overture/tokenization';
import { bundleFiles, int8GraphFile } from './bundle-files.ts';
import { parseBundleManifest, type BundleManifest } from './bundle-manifest.ts';
import { digestBytes } from './digest-bytes.ts';
import type { Precision } from './precision.ts';

/** A bundle whose every byte has been verified. */
export interface Bundle {
  readonly manifest: BundleManifest;
  readonly tokenizer: Tokenizer;
  /** The path of the ONNX file. */
  readonly graph: string;
}

/**
 * Reads and verifies a bundle.
 * @throws AppError `BUNDLE_INVALID` naming the file and the problem, `BUNDLE_TEMPLATE_UNKNOWN`,
 * `BUNDLE_WITHOUT_INT8`, `TOKENIZER_INVALID`
 */
export async function openBundle(
  folder: string,
  { precision = 'float32' }: { readonly precision?: Precision } = {},
): Promise<Bundle> {
  const manifest = parseBundleManifest(
    new TextDecoder().decode(await readPart(folder, bundleFiles.manifest)),
    join(folder, bundleFiles.manifest),
  );
  const graph = graphFile(folder, manifest, precision);
  const [config, tokenizerJson, tokenizerConfig] = (await Promise.all(
    [bundleFiles.config, bundleFiles.tokenizer, bundleFiles.tokenizerConfig, graph].map((name) =>
      readVerified(folder, name, manifest),
    ),
  )) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const { vocabSize } = parseNetwork(new TextDecoder().decode(config), join(folder, bundleFiles.config)).size;
  const tokenizer = loadTokenizer(tokenizerJson, {
    config: tokenizerConfig,
    where: join(folder, bundleFiles.tokenizer),
  });
  if (tokenizer.vocabSize > vocabSize) {
    throw broken(
      folder,
      bundleFiles.tokenizer,
      `it has ${tokenizer.vocabSize} tokens and the network ${vocabSize}`,
    );
  }
  return { manifest, tokenizer, graph: join(folder, graph) };
}

function graphFile(folder: string, { int8 }: BundleManifest, precision: Precision): string {
  if (precision === 'float32') return bundleFiles.graph;
  if (int8?.kept === true) return int8GraphFile;
  const why =
    int8 === undefined
      ? 'it was written without one'
      : `its macro-F1 was ${(int8.macroF1.float32 - int8.macroF1.int8).toFixed(4)} lower, and ${int8.largestDrop} was allowed`;
  throw new AppError(
    'BUNDLE_WITHOUT_INT8',
    `${folder} must have a graph in int8 to predict with one. It has none: ${why}. Use float32.`,
    { details: { folder } },
  );
}

async function readVerified(folder: string, name: string, { files }: BundleManifest): Promise<Uint8Array> {
  const bytes = await readPart(folder, name);
  const expected = files[name];
  const came = digestBytes(bytes);
  if (came !== expected)
    throw broken(
      folder,
      name,
      `its digest should be ${expected ?? `in ${bundleFiles.manifest}`} and is ${came}`,
    );
  return bytes;
}

async function readPart(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw broken(folder, name, `it cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
}

function broken(folder: string, name: string, problem: string, cause?: unknown): AppError {
  return new AppError(
    'BUNDLE_INVALID',
    `${folder} must be a model bundle with ${Object.values(bundleFiles).join(', ')}. ${name}: ${problem}. Export the model again.`,
    {
      details: { folder, file: name, problem },
      cause,
    },
  );
}
