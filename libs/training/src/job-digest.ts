import { createHash } from 'node:crypto';
import { canonicalJson, type Digest } from '@overture/core';
import type { Runtime } from '@overture/runtime';
import { tensorBytes } from '@overture/tensors';
import { fineTuneDefaults, type FineTuneConfig } from './fine-tune-config.ts';
import type { FineTuneJob } from './fine-tune-job.ts';

/**
 * Settings added later. At their defaults they are left out of the digest, so that older checkpoints stay
 * valid.
 */
export const laterKeys = [
  'freezeLayers',
  'ema',
  'dropout',
  'frozenWeights',
] as const satisfies readonly (keyof FineTuneConfig)[];

/**
 * Digest of everything that affects the result, so that a checkpoint of another job is rejected. The
 * checkpoint interval and the number of threads are left out: they do not change the result.
 */
export function jobDigest({
  config,
  model,
  tokens,
  weights,
  runtime,
}: FineTuneJob & { readonly runtime?: Pick<Runtime, 'executionProvider'> }): Digest {
  const { checkpointEverySteps: _every, threads: _threads, ...rest } = config;
  const decisive = Object.fromEntries(
    Object.entries(rest).filter(
      ([key, value]) => !laterKeys.some((later) => later === key && value === fineTuneDefaults[later]),
    ),
  );
  const elsewhere = runtime !== undefined &&
    runtime.executionProvider !== 'cpu' && { executionProvider: runtime.executionProvider };
  const hash = createHash('sha256');
  hash.update(
    canonicalJson({ ...elsewhere, config: decisive, model: model.configJson(), splits: tokens.splitNames }),
  );
  for (const array of [
    tokens.ids,
    tokens.offsets,
    tokens.labels,
    tokens.splits,
    tokens.flags,
    tokens.answerStarts,
  ])
    if (array !== undefined) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  for (const name of [...weights.keys()].sort()) hash.update(name).update(tensorBytes(weights.get(name)!));
  return `sha256:${hash.digest('hex')}` as Digest;
}
