import { artifactPlace, openArtifacts, type ArtifactStore } from '@overture/artifacts';
import { openRegistry, type Registry } from '@overture/registry';
import { openDatabase } from '@overture/stack';
import type { CliContext } from './context.ts';
import { stackOptions } from './stack-options.ts';

/**
 * Provides the registry and the artifact store for the duration of `use`. Starts a database if none is
 * running.
 */
export async function withRegistry<T>(
  context: CliContext,
  use: (stores: { readonly registry: Registry; readonly artifacts: ArtifactStore }) => Promise<T>,
): Promise<T> {
  await using database = await openDatabase(stackOptions(context));
  await using registry = await openRegistry({
    databaseUrl: database.databaseUrl,
    schema: context.env['OVERTURE_REGISTRY_SCHEMA'] || undefined,
    env: context.env,
  });
  return await use({ registry, artifacts: await openArtifacts(artifactPlace(context.env, context)) });
}
