import { createHash } from 'node:crypto';
import { canonicalJson, type Digest } from '@overture/core';
import type { Network, Weights } from '@overture/models';
import { runtimeVersion, type Runtime } from '@overture/runtime';
import { tensorBytes } from '@overture/tensors';
import type { FineTuneConfig } from '../fine-tune-config.ts';

/** Rows of numbers that many trainings compute alike, kept for the next one; nothing depends on their being there. */
export interface KeptRows {
  /**
   * Those that are there and whole.
   * @param origin what all of them depend on
   * @param names what each of them is of
   */
  read(origin: Digest, names: readonly string[]): Promise<ReadonlyMap<string, Float32Array>>;
  write(origin: Digest, rows: ReadonlyMap<string, Float32Array>): Promise<void>;
}

/** Where to look for what a network with these weights gives. */
export interface KeptFromWeights {
  readonly rows: KeptRows;
  /** See `digestOfWeights`. */
  readonly weights: Digest;
}

/** What a network as it comes computes: the network and its weights, how far, and where. */
export interface PretrainedPart {
  readonly what: 'activations' | 'pooled';
  readonly network: Network;
  /** Of its weights, see `digestOfWeights`. Adapters add nothing before they have learnt. */
  readonly weights: Digest;
  readonly config: Pick<FineTuneConfig, 'freezeLayers' | 'pooling'>;
  readonly runtime: Pick<Runtime, 'executionProvider'>;
}

/** Everything that its numbers depend on but the tokens. */
export function originOf({ what, network, weights, config: { freezeLayers, pooling }, runtime: { executionProvider } }: PretrainedPart): Digest {
  const hash = createHash('sha256');
  const part = what === 'pooled' ? { pooling, freezeLayers } : { freezeLayers };
  hash.update(canonicalJson({ what, ...part, weights, network: network.configJson(), runtime: runtimeVersion(), platform: `${process.platform}-${process.arch}`, ...(executionProvider !== 'cpu' && { executionProvider }) }));
  return `sha256:${hash.digest('hex')}` as Digest;
}

/** Of the network's weights among these. */
export function digestOfWeights({ parameters }: Network, weights: Weights): Digest {
  const hash = createHash('sha256');
  for (const { name } of parameters.flatMap(({ parts }) => parts)) hash.update(name).update(tensorBytes(weights.get(name)!)); // a training has loaded them
  return `sha256:${hash.digest('hex')}` as Digest;
}

/** A name for what is computed of these sequences together, or of one. */
export function nameOfTokens(sequences: readonly Int32Array[]): string {
  const hash = createHash('sha256');
  for (const ids of sequences) hash.update(`${ids.length}:`).update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
  return hash.digest('hex');
}
