import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@overture/core';
import type { GuardianEvent } from './guardian/protocol.ts';
import { homePaths, type HomePaths } from './paths.ts';
import { postgresReady } from './postgres/postgres-server.ts';
import { isRunning } from './process-identity.ts';
import { lockHolder, tryLock, type LockAttempt } from './stack-lock.ts';
import type { StackOptions, StackProgress } from './stack-options.ts';
import {
  readStackState,
  removeStackState,
  writeStackState,
  type Service,
  type StackState,
} from './stack-state.ts';
import { startServices } from './start-services.ts';
import { endSurvivors } from './survivors.ts';
import { assertUsableFolder } from './usable-folder.ts';
import { ensureTemporalBinary } from './temporal/temporal-binary.ts';
import { temporalReady } from './temporal/temporal-server.ts';

/** Running services, whichever process started them. */
export interface OpenServices {
  readonly state: StackState;
  readonly owned: boolean;
  readonly lost: Promise<Error>;
  close(): Promise<void>;
}

/** How long to wait while another process keeps the home busy, in milliseconds. */
const busyMs = 180_000;

/**
 * Finds a running stack of this home with the required services, or starts one and owns it.
 * @throws AppError `FOLDER_UNUSABLE`, `STACK_BUSY`, `STACK_CONFLICT`, and the errors of starting
 */
export async function openServices(
  services: readonly Service[],
  options: StackOptions,
): Promise<OpenServices> {
  const paths = homePaths(options.home);
  assertUsableFolder(paths.home, 'OVERTURE_HOME');
  await mkdir(paths.home, { recursive: true });
  let binary: string | undefined;
  for (;;) {
    const attached = await attach(paths, services, options);
    if (attached) return attached;
    // Before the lock is acquired: a download takes minutes, and other processes need not wait for it.
    if (services.includes('temporal') && options.temporalAddress === undefined)
      binary ??= await findTemporal(options);
    const lock = await tryLock(paths.lock);
    if (lock.kind === 'acquired') return own(lock, paths, services, binary, options);
  }
}

async function findTemporal(options: StackOptions): Promise<string> {
  const { cacheDir, env, signal, onProgress } = options;
  const binary = await ensureTemporalBinary({
    cacheDir,
    env,
    platform: `${process.platform}-${process.arch}`,
    signal,
    onProgress: (download) => onProgress?.({ kind: 'download', download }),
  });
  onProgress?.({ kind: 'note', text: `${binary.version}, from ${binary.source}` });
  return binary.path;
}

async function attach(
  paths: HomePaths,
  services: readonly Service[],
  options: StackOptions,
): Promise<OpenServices | undefined> {
  const giveUp = AbortSignal.timeout(busyMs);
  let told = false;
  for (;;) {
    const holder = await lockHolder(paths.lock);
    if (holder === undefined) return undefined;
    const state = await readStackState(paths.state);
    if (
      state?.owner.token === holder.token &&
      services.every((service) => state.services.includes(service))
    ) {
      refuseConflict(state, options);
      await answers(state, services, options);
      return { state, owned: false, lost: ownerGone(state), close: async () => undefined };
    }
    if (!told)
      options.onProgress?.({
        kind: 'note',
        text: `Waiting for process ${holder.pid}, which uses ${paths.home}`,
      });
    told = true;
    if (giveUp.aborted) {
      throw new AppError(
        'STACK_BUSY',
        `Process ${holder.pid} has kept ${paths.home} for ${busyMs / 1000} s without a usable stack. Wait for it or end it, or set OVERTURE_HOME to another folder.`,
        {
          details: { pid: holder.pid, home: paths.home },
          retryable: true,
        },
      );
    }
    await sleep(100, undefined, { signal: options.signal });
  }
}

async function answers(
  state: StackState,
  services: readonly Service[],
  { temporalAccess: access, signal }: StackOptions,
): Promise<void> {
  const timeoutMs = 15_000;
  const temporal = services.includes('temporal') && state.temporalAddress !== null;
  await Promise.all([
    services.includes('postgres') ? postgresReady(state.databaseUrl, { timeoutMs, signal }) : undefined,
    temporal
      ? temporalReady({
          address: state.temporalAddress as string,
          access,
          namespace: state.namespace,
          timeoutMs,
          signal,
        })
      : undefined,
  ]);
}

/**
 * Refuses a stack with other servers than those named by the environment; otherwise results would be stored
 * in an unexpected place.
 * @throws AppError `STACK_CONFLICT`
 */
function refuseConflict(
  state: StackState,
  { home, temporalAddress, databaseUrl, namespace }: StackOptions,
): void {
  const conflicts = [
    ...(temporalAddress !== undefined &&
    state.temporalAddress !== null &&
    temporalAddress !== state.temporalAddress
      ? [`TEMPORAL_ADDRESS is ${temporalAddress}, the stack's is ${state.temporalAddress}`]
      : []),
    ...(namespace !== undefined && namespace !== state.namespace
      ? [`TEMPORAL_NAMESPACE is ${namespace}, the stack's is ${state.namespace}`]
      : []),
    ...(databaseUrl !== undefined && databaseUrl !== state.databaseUrl
      ? ['DATABASE_URL is not the database of the stack']
      : []),
  ];
  if (conflicts.length === 0) return;
  throw new AppError(
    'STACK_CONFLICT',
    `The stack of ${home} that runs now (process ${state.owner.pid}) uses other servers: ${conflicts.join('; ')}. End that stack, or unset the variable, or set OVERTURE_HOME to another folder.`,
  );
}

async function own(
  lock: LockAttempt & { kind: 'acquired' },
  paths: HomePaths,
  services: readonly Service[],
  temporalBinary: string | undefined,
  options: StackOptions,
): Promise<OpenServices> {
  const release = async (): Promise<void> => {
    await removeStackState(paths.state);
    await lock.release();
  };
  try {
    await removeStackState(paths.state);
    const survivors = await endSurvivors(paths);
    if (survivors.length > 0)
      options.onProgress?.({
        kind: 'note',
        text: `Ended what a killed stack had left running: ${survivors.join(', ')}`,
      });
    const stopping = (): void =>
      options.onProgress?.({
        kind: 'note',
        text: 'Stopping the servers that are starting. Press Ctrl-C again to quit at once.',
      });
    options.signal?.addEventListener('abort', stopping, { once: true });
    const { guardian, ...running } = await startServices({
      paths,
      lockToken: lock.holder.token,
      services,
      temporalBinary,
      options,
    });
    options.signal?.removeEventListener('abort', stopping);
    const lost = Promise.withResolvers<Error>();
    let ended: Promise<void> | undefined;
    guardian.listen((event) => {
      if (event.kind !== 'lost') return tell(event, paths, options.onProgress);
      lost.resolve(guardianLost());
      // Without the guardian, only this process can end them.
      ended = endSurvivors(paths).then(() => undefined);
    });
    const { temporalAddress = null, uiUrl = null, databaseUrl } = running;
    const state: StackState = {
      format: 1,
      owner: lock.holder,
      guardian: guardian.identity,
      services,
      kept: options.kept ?? false,
      temporalAddress,
      namespace: options.namespace ?? 'default',
      uiUrl,
      databaseUrl,
    };
    await writeStackState(paths.state, state);
    let closing: Promise<void> | undefined;
    return {
      state,
      owned: true,
      lost: lost.promise,
      close: () =>
        (closing ??= guardian
          .stop()
          .then(() => ended)
          .finally(release)),
    };
  } catch (error) {
    // This includes the children of a guardian that was killed while it started the stack.
    await endSurvivors(paths);
    await release();
    throw error;
  }
}

function guardianLost(): AppError {
  return new AppError(
    'STACK_LOST',
    'The process that watches over the stack was killed, and the stack with it. Start again.',
    { retryable: true },
  );
}

function tell(
  event: GuardianEvent,
  { logs }: HomePaths,
  onProgress?: (progress: StackProgress) => void,
): void {
  if (event.kind !== 'exited' || event.restartInMs === undefined) return;
  onProgress?.({
    kind: 'warning',
    text: `The ${event.name} process ended (${event.how}); it is started again. Its log: ${logs}/${event.name}.log`,
  });
}

/** Settles when the owner's process has ended. Does not keep this process alive. */
function ownerGone(state: StackState): Promise<Error> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (isRunning(state.owner)) return;
      clearInterval(timer);
      resolve(
        new AppError(
          'STACK_LOST',
          `Process ${state.owner.pid}, to which the stack belonged, has ended, and the stack with it. Start again.`,
          { retryable: true },
        ),
      );
    }, 1_000);
    timer.unref();
  });
}
