import type { Digest } from '@overture/core';
import type { Checkpoint } from './checkpoint-store.ts';

/** A buffer's file: listed in the manifest, verified by size and digest. */
export interface BufferFile {
  readonly file: string;
  readonly bytes: number;
  readonly digest: Digest;
}

/** The commit point of a checkpoint: written last, by rename. Files that no manifest lists are ignored. */
export interface CheckpointManifest {
  readonly format: 1;
  readonly attempt: number;
  /** Number of the checkpoint within its attempt, from 1. */
  readonly sequence: number;
  readonly state: Checkpoint['state'];
  readonly buffers: Readonly<Record<string, BufferFile>>;
}

/**
 * A manifest's file name and the checkpoint it belongs to. Attempt and sequence are compared as numbers,
 * never as strings.
 */
export interface ManifestName {
  readonly attempt: number;
  readonly sequence: number;
  readonly file: string;
}

/** File name of a checkpoint's manifest. */
export const manifestFile = (attempt: number, sequence: number): string =>
  `manifest-${attempt}-${sequence}.json`;
/** Name of the file that claims the folder for an attempt. */
export const claimFile = (attempt: number): string => `claim-${attempt}`;

/** Finds the manifests in a list of file names and sorts them newest first: by attempt, then by sequence. */
export function manifestsAmong(files: readonly string[]): ManifestName[] {
  return files
    .flatMap((file) => {
      const match = /^manifest-(\d+)-(\d+)\.json$/.exec(file);
      return match === null ? [] : [{ attempt: Number(match[1]), sequence: Number(match[2]), file }];
    })
    .sort((a, b) => b.attempt - a.attempt || b.sequence - a.sequence);
}

/** The highest attempt that has claimed the folder; 0 if none has. */
export function lastClaim(files: readonly string[]): number {
  return files.reduce((last, file) => Math.max(last, Number(/^claim-(\d+)$/.exec(file)?.[1] ?? 0)), 0);
}

/** The attempt that wrote a buffer or temporary file; undefined for any other file. */
export function attemptOf(file: string): number | undefined {
  const match = /^(?:buffer|temporary)-(\d+)-/.exec(file);
  return match === null ? undefined : Number(match[1]);
}
