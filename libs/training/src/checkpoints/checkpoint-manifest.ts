import type { Digest } from '@overture/core';
import type { Checkpoint } from './checkpoint-store.ts';

/** A buffer's file: named in the manifest, verified by size and digest. */
export interface BufferFile {
  readonly file: string;
  readonly bytes: number;
  readonly digest: Digest;
}

/** The commit point of a checkpoint: written last, by rename. Files that no manifest names do not count. */
export interface CheckpointManifest {
  readonly format: 1;
  readonly attempt: number;
  /** Counts the checkpoints of an attempt. */
  readonly sequence: number;
  readonly state: Checkpoint['state'];
  readonly buffers: Readonly<Record<string, BufferFile>>;
}

/** Which checkpoint a manifest's file name belongs to; compared as numbers, never by name order. */
export interface ManifestName {
  readonly attempt: number;
  readonly sequence: number;
  readonly file: string;
}

export const manifestFile = (attempt: number, sequence: number): string => `manifest-${attempt}-${sequence}.json`;
export const claimFile = (attempt: number): string => `claim-${attempt}`;

/** The manifests among file names, newest first: a later attempt before an earlier one, then the later checkpoint. */
export function manifestsAmong(files: readonly string[]): ManifestName[] {
  return files
    .flatMap((file) => {
      const match = /^manifest-(\d+)-(\d+)\.json$/.exec(file);
      return match === null ? [] : [{ attempt: Number(match[1]), sequence: Number(match[2]), file }];
    })
    .sort((a, b) => b.attempt - a.attempt || b.sequence - a.sequence);
}

/** The highest attempt that has claimed the folder; 0 when none has. */
export function lastClaim(files: readonly string[]): number {
  return files.reduce((last, file) => Math.max(last, Number(/^claim-(\d+)$/.exec(file)?.[1] ?? 0)), 0);
}

/** The attempt that wrote a buffer or temporary file; undefined for files of other kinds. */
export function attemptOf(file: string): number | undefined {
  const match = /^(?:buffer|temporary)-(\d+)-/.exec(file);
  return match === null ? undefined : Number(match[1]);
}
