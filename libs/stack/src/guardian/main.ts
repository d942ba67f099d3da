/**
 * The guardian: a process between a stack's owner and its servers, which do not notice by themselves when the
 * owner dies. When the owner ends for any reason, its channel closes and the guardian ends all servers.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { identityOf } from '../process-identity.ts';
import { holdsLock } from '../stack-lock.ts';
import { GuardedProcess } from './guarded-process.ts';
import { hurrySignal, type GuardianEvent, type GuardianRequest, type GuardRequest } from './protocol.ts';

const guarded: GuardedProcess[] = [];
let guard: GuardRequest | undefined;
let stopping: Promise<void> | undefined;
let hurried = false;

process.on('message', (request: GuardianRequest) => {
  if (request.kind === 'guard') {
    guard = request;
    // Listed before it has children: a process that takes over the home finds the guardian and waits for its
    // end.
    writeChildren();
    report({ kind: 'guarding' });
  } else if (request.kind === 'start' && mayStart()) {
    const child = new GuardedProcess(request.spec, report, mayStart);
    guarded.push(child);
    child.start();
  } else if (request.kind === 'stop') {
    end();
  }
});
process.on('disconnect', end);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
process.on(hurrySignal, () => {
  hurried = true;
  for (const child of guarded) child.hurry();
  end();
});
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack}\n`);
  end();
});

/**
 * Whether the home still belongs to this guardian's owner. After a takeover, the lock contains another token.
 */
function ownsHome(): boolean {
  return guard !== undefined && holdsLock(guard.lock.path, guard.lock.token);
}

/** After a takeover, everything ends instead: two servers must never share one database. */
function mayStart(): boolean {
  if (stopping === undefined && !ownsHome()) end();
  return stopping === undefined;
}

function report(event: GuardianEvent): void {
  if (event.kind === 'started' || event.kind === 'exited') writeChildren();
  if (process.connected) process.send?.(event, () => undefined);
}

function writeChildren(): void {
  // The new owner's list must not be overwritten.
  if (guard === undefined || !ownsHome()) return;
  const alive = guarded.flatMap(({ spec, identity }) => (identity ? [{ name: spec.name, ...identity }] : []));
  const self = { name: 'guardian', ...identityOf(process.pid) };
  const draft = `${guard.childrenFile}.${process.pid}`;
  writeFileSync(draft, JSON.stringify([...alive, self]), { mode: 0o600 });
  renameSync(draft, guard.childrenFile);
}

function end(): void {
  stopping ??= stopAll().then(() => {
    if (guard !== undefined && ownsHome()) rmSync(guard.childrenFile, { force: true });
    if (!process.connected || process.send === undefined) process.exit(0);
    process.send({ kind: 'stopped' } satisfies GuardianEvent, () => process.exit(0));
  });
}

async function stopAll(): Promise<void> {
  for (const child of guarded) child.disarm();
  const ranks = [...new Set(guarded.map(({ spec }) => spec.stop.rank))].sort((a, b) => a - b);
  for (const rank of ranks) {
    const ending = guarded.filter(({ spec }) => spec.stop.rank === rank);
    const stopped = Promise.all(ending.map((child) => child.stop()));
    if (hurried) for (const child of ending) child.hurry();
    await stopped;
  }
}
