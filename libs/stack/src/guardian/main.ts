/**
 * The guardian: a process between a stack's owner and its servers, which do not notice by themselves when the owner
 * dies. Its channel to the owner closes then, whatever killed the owner, and the guardian ends them all.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { identityOf } from '../process-identity.ts';
import { GuardedProcess } from './guarded-process.ts';
import type { GuardianEvent, GuardianRequest } from './protocol.ts';

const guarded: GuardedProcess[] = [];
let childrenFile: string | undefined;
let stopping: Promise<void> | undefined;

process.on('message', (request: GuardianRequest) => {
  if (request.kind === 'guard') {
    childrenFile = request.childrenFile;
    report({ kind: 'guarding' });
  } else if (request.kind === 'start' && stopping === undefined) {
    const child = new GuardedProcess(request.spec, report);
    guarded.push(child);
    child.start();
  } else if (request.kind === 'stop') {
    end();
  }
});
process.on('disconnect', end);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack}\n`);
  end();
});

function report(event: GuardianEvent): void {
  if (event.kind === 'started' || event.kind === 'exited') writeChildren();
  if (process.connected) process.send?.(event, () => undefined);
}

function writeChildren(): void {
  if (childrenFile === undefined) return;
  const alive = guarded.flatMap(({ spec, identity }) => (identity ? [{ name: spec.name, ...identity }] : []));
  const self = { name: 'guardian', ...identityOf(process.pid) };
  writeFileSync(`${childrenFile}.new`, JSON.stringify([...alive, self]), { mode: 0o600 });
  renameSync(`${childrenFile}.new`, childrenFile);
}

function end(): void {
  stopping ??= stopAll().then(() => {
    if (childrenFile !== undefined) rmSync(childrenFile, { force: true });
    if (!process.connected || process.send === undefined) process.exit(0);
    process.send({ kind: 'stopped' } satisfies GuardianEvent, () => process.exit(0));
  });
}

async function stopAll(): Promise<void> {
  const ranks = [...new Set(guarded.map(({ spec }) => spec.stop.rank))].sort((a, b) => a - b);
  for (const rank of ranks) {
    await Promise.all(guarded.filter(({ spec }) => spec.stop.rank === rank).map((child) => child.stop()));
  }
}
