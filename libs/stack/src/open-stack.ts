import { openServices } from './open-services.ts';
import { homePaths } from './paths.ts';
import { postgresReady } from './postgres/postgres-server.ts';
import { assertUsableFolder } from './usable-folder.ts';
import type { Database, Stack, StackOptions } from './stack-options.ts';

/**
 * A running Temporal server, Postgres and worker: those of the stack that runs in this home, or new ones. New
 * ones end with `close`, or with this process at the latest, whatever happens to it.
 * @throws AppError `STACK_BUSY`, `STACK_CONFLICT`, `STACK_START_FAILED`, `SOURCES_EXHAUSTED`,
 * `TEMPORAL_UNREACHABLE`, `POSTGRES_…`
 */
export async function openStack(options: StackOptions): Promise<Stack> {
  const services =
    options.workerEntry === undefined
      ? (['temporal', 'postgres'] as const)
      : (['temporal', 'postgres', 'worker'] as const);
  const { state, owned, lost, close } = await openServices(services, options);
  const paths = homePaths(options.home);
  return {
    temporalAddress: state.temporalAddress as string,
    temporal: { address: state.temporalAddress as string, ...options.temporalAccess },
    namespace: state.namespace,
    uiUrl: state.uiUrl ?? undefined,
    databaseUrl: state.databaseUrl,
    artifactsDir: paths.artifacts,
    logsDir: paths.logs,
    owned,
    owner: state.owner.pid,
    kept: state.kept ?? false,
    lost,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Only the database: the user's own, that of the stack that runs in this home, or that of a Postgres started
 * for this purpose.
 */
export async function openDatabase(options: StackOptions): Promise<Database> {
  const { artifacts: artifactsDir } = homePaths(options.home);
  if (options.databaseUrl !== undefined) {
    assertUsableFolder(options.home, 'OVERTURE_HOME');
    await postgresReady(options.databaseUrl, { timeoutMs: 10_000, env: options.env, signal: options.signal });
    const close = async (): Promise<void> => undefined;
    return {
      databaseUrl: options.databaseUrl,
      artifactsDir,
      owned: false,
      close,
      [Symbol.asyncDispose]: close,
    };
  }
  const { state, owned, close } = await openServices(['postgres'], options);
  return { databaseUrl: state.databaseUrl, artifactsDir, owned, close, [Symbol.asyncDispose]: close };
}
