import { memoryStore, openFilesystemStore, type ArtifactStore } from '@overture/artifacts';
import type { RunRegistry } from '@overture/registry';
import { openSqliteRegistry } from '@overture/registry/sqlite';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { randomUUID } from 'node:crypto';
import { clearLeftOverWork } from './work-folder.ts';

/** Where a local run stores its records, artifacts and work folders. */
export interface LocalStorage extends AsyncDisposable {
  readonly registry: RunRegistry;
  readonly artifacts: ArtifactStore;
  readonly stateDir: string;
}

/** Opens a folder for runs in this process; without one, their storage is in memory. */
export async function openLocalStorage(folder: string | undefined): Promise<LocalStorage> {
  const root = folder === undefined ? undefined : resolve(folder);
  const registry = await openSqliteRegistry({
    file: root === undefined ? ':memory:' : join(root, 'registry.sqlite'),
  });
  // Created when a stage first uses its work folder.
  const stateDir = root ?? join(tmpdir(), `overture-run-${randomUUID()}`);
  await clearLeftOverWork(stateDir);
  return {
    registry,
    artifacts:
      root === undefined ? memoryStore() : await openFilesystemStore({ root: join(root, 'artifacts') }),
    stateDir,
    async [Symbol.asyncDispose]() {
      await registry.close();
      if (root === undefined) await rm(stateDir, { recursive: true, force: true });
    },
  };
}
