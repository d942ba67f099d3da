import { createHash } from 'node:crypto';
import { canonicalJson, type Digest } from '@overture/core';
import type { Network, Weights } from '@overture/models';
import { runtimeVersion, type Runtime } from '@overture/runtime';
import { tensorBytes } from '@overture/tensors';
import type { FineTuneConfig } from '../fine-tune-config.ts';

/**
 * Cache of computed rows that several trainings share. It is optional: rows that are missing are computed
 * again.
 */
export interface FeatureCache {
  /**
   * Reads the rows that are present and undamaged.
   * @param origin digest of everything that all rows depend on
   * @param names of the rows, see `nameOfTokens`
   */
  read(origin: Digest, names: readonly string[]): Promise<ReadonlyMap<string, Float32Array>>;
  write(origin: Digest, rows: ReadonlyMap<string, Float32Array>): Promise<void>;
}

/** A cache, and the digest of the weights its rows are computed with. */
export interface WeightsFeatureCache {
  readonly rows: FeatureCache;
  /** See `digestOfWeights`. */
  readonly weights: Digest;
}

/** A computation on the pretrained network: network, weights, depth, and execution provider. */
export interface PretrainedPart {
  readonly what: 'activations' | 'pooled';
  readonly network: Network;
  /** Digest from `digestOfWeights`. Adapters are left out: they add nothing before training. */
  readonly weights: Digest;
  readonly config: Pick<FineTuneConfig, 'freezeLayers' | 'pooling'>;
  readonly runtime: Pick<Runtime, 'executionProvider'>;
}

/** Digest of everything except the tokens that the computed rows depend on. */
export function originOf({
  what,
  network,
  weights,
  config: { freezeLayers, pooling },
  runtime: { executionProvider },
}: PretrainedPart): Digest {
  const hash = createHash('sha256');
  const part = what === 'pooled' ? { pooling, freezeLayers } : { freezeLayers };
  hash.update(
    canonicalJson({
      what,
      ...part,
      weights,
      network: network.configJson(),
      runtime: runtimeVersion(),
      platform: `${process.platform}-${process.arch}`,
      ...(executionProvider !== 'cpu' && { executionProvider }),
    }),
  );
  return `sha256:${hash.digest('hex')}` as Digest;
}

/** Digest of the network's weights; other weights are left out. */
export function digestOfWeights({ parameters }: Network, weights: Weights): Digest {
  const hash = createHash('sha256');
  // present, because training has loaded them
  for (const { name } of parameters.flatMap(({ parts }) => parts))
    hash.update(name).update(tensorBytes(weights.get(name)!));
  return `sha256:${hash.digest('hex')}` as Digest;
}

/** Name of the rows computed from these sequences: a hash of their token ids. */
export function nameOfTokens(sequences: readonly Int32Array[]): string {
  const hash = createHash('sha256');
  for (const ids of sequences)
    hash.update(`${ids.length}:`).update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
  return hash.digest('hex');
}
