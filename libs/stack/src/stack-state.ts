import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import type { ProcessIdentity } from './process-identity.ts';
import type { LockHolder } from './stack-lock.ts';

/** A part of a stack. */
export type Service = 'temporal' | 'postgres' | 'worker';

/**
 * The published state of a running stack. Written by its owner when all services respond, and removed on a
 * clean end.
 */
export interface StackState {
  readonly format: 1;
  readonly owner: LockHolder;
  readonly guardian: ProcessIdentity | null;
  readonly services: readonly Service[];
  /** Whether the owner keeps it up for other commands. */
  readonly kept?: boolean;
  readonly temporalAddress: string | null;
  readonly namespace: string;
  readonly uiUrl: string | null;
  readonly databaseUrl: string;
}

/** Reads the state; undefined if there is none or it has another format. The owner may have ended. */
export async function readStackState(path: string): Promise<StackState | undefined> {
  try {
    const state = JSON.parse(await readFile(path, 'utf8')) as StackState;
    return state.format === 1 ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the state atomically. Mode 0600: the database address contains a password. */
export async function writeStackState(path: string, state: StackState): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

/** Removes the state; does nothing if there is none. */
export async function removeStackState(path: string): Promise<void> {
  await rm(path, { force: true });
}
