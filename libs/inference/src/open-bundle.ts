import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@overture/core';
import { parseBertConfig } from '@overture/models';
import { loadTokenizer, type Tokenizer } from '@overture/tokenization';
import { bundleFiles } from './bundle-files.ts';
import { parseBundleManifest, type BundleManifest } from './bundle-manifest.ts';
import { digestBytes } from './digest-bytes.ts';

/** A bundle read into memory, every byte of it verified. */
export interface Bundle {
  readonly manifest: BundleManifest;
  readonly tokenizer: Tokenizer;
  /** The bytes of the ONNX file. */
  readonly graph: Uint8Array;
}

/**
 * Reads and checks a bundle.
 * @throws AppError `BUNDLE_INVALID` naming the file and what is wrong with it, `BUNDLE_TEMPLATE_UNKNOWN`, `TOKENIZER_INVALID`
 */
export async function openBundle(folder: string): Promise<Bundle> {
  const manifest = parseBundleManifest(new TextDecoder().decode(await readPart(folder, bundleFiles.manifest)), join(folder, bundleFiles.manifest));
  const [config, tokenizerJson, tokenizerConfig, graph] = await Promise.all(
    [bundleFiles.config, bundleFiles.tokenizer, bundleFiles.tokenizerConfig, bundleFiles.graph].map((name) => readVerified(folder, name, manifest)),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const { vocabSize } = parseBertConfig(new TextDecoder().decode(config), join(folder, bundleFiles.config));
  const tokenizer = loadTokenizer(tokenizerJson, { config: tokenizerConfig, where: join(folder, bundleFiles.tokenizer) });
  if (tokenizer.vocabSize > vocabSize) {
    throw broken(folder, bundleFiles.tokenizer, `it has ${tokenizer.vocabSize} tokens and the network ${vocabSize}`);
  }
  return { manifest, tokenizer, graph };
}

async function readVerified(folder: string, name: string, { files }: BundleManifest): Promise<Uint8Array> {
  const bytes = await readPart(folder, name);
  const expected = files[name];
  const came = digestBytes(bytes);
  if (came !== expected) throw broken(folder, name, `its digest should be ${expected ?? `in ${bundleFiles.manifest}`} and is ${came}`);
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
  return new AppError('BUNDLE_INVALID', `${folder} must be a model bundle with ${Object.values(bundleFiles).join(', ')}. ${name}: ${problem}. Export the model again.`, {
    details: { folder, file: name, problem },
    cause,
  });
}
