import { rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ArtifactStore } from '@overture/artifacts';
import type { ArtifactRef } from '@overture/protocol';
import { AppError, shortDigest } from '@overture/core';
import type { CliContext } from './context.ts';
import { withRegistry } from './with-registry.ts';

/**
 * Provides a bundle as a folder for the duration of `use`: an exported bundle in place, a registered one
 * copied out of the store.
 */
export async function withBundle<T>(
  context: CliContext,
  model: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const given = resolve(context.cwd, model);
  if (await isBundle(given)) return use(given);
  if (/^\.|[/\\]/.test(model)) {
    throw new AppError(
      'BUNDLE_INVALID',
      `${given} must be the folder of a model bundle, and has no overture.json. "overture models export" writes such a folder; a registered model is given by its name.`,
      { details: { folder: given } },
    );
  }
  const { folder, remove } = await withRegistry(context, async ({ registry, artifacts }) =>
    copyOut(context, artifacts, (await registry.getModel(model)).bundle),
  );
  try {
    return await use(folder);
  } finally {
    await remove();
  }
}

/** Copies a bundle to its own folder; `remove` deletes that folder. */
export async function copyOut(
  { home, randomId }: CliContext,
  artifacts: ArtifactStore,
  bundle: ArtifactRef,
): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = join(home, 'tmp', `bundle-${shortDigest(bundle.digest)}-${randomId().slice(0, 8)}`);
  await artifacts.materialize(bundle, folder);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

function isBundle(folder: string): Promise<boolean> {
  return stat(join(folder, 'overture.json')).then(
    (found) => found.isFile(),
    () => false,
  );
}
