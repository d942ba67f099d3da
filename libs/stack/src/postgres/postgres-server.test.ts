import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf, isRunning } from '../process-identity.ts';
import { clearStalePostmaster, postgresReady } from './postgres-server.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'overture-data-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const pidFile = (): Promise<string> => readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => 'none');

describe('clearStalePostmaster', () => {
  it('removes the pid file of a server that is gone, and of one whose pid is somebody else’s now', async () => {
    await writeFile(join(dataDir, 'postmaster.pid'), `4194305\n${dataDir}\n`);
    await clearStalePostmaster(dataDir);
    expect(await pidFile()).toBe('none');
    await writeFile(join(dataDir, 'postmaster.pid'), `${process.pid}\n${dataDir}\n`);
    await clearStalePostmaster(dataDir);
    expect(await pidFile()).toBe('none');
  });

  it('ends a server of this folder that was left behind', async () => {
    const server = spawn('sh', [
      '-c',
      'trap "exit 0" INT; while :; do sleep 0.05; done',
      'postgres',
      '-D',
      dataDir,
    ]);
    const identity = identityOf(server.pid as number);
    await writeFile(join(dataDir, 'postmaster.pid'), `${server.pid}\n`);
    const ended = once(server, 'exit');
    await clearStalePostmaster(dataDir);
    await ended;
    expect(isRunning(identity)).toBe(false);
    expect(await pidFile()).toBe('none');
  });
});

describe('postgresReady', () => {
  it('says which server does not answer, without the password', async () => {
    const failure = await postgresReady('postgres://ann:secret@127.0.0.1:1/registry', {
      timeoutMs: 200,
    }).catch((error: Error) => error.message);
    expect(failure).toMatch(
      /^Postgres at 127\.0\.0\.1:1\/registry should accept connections, and did not: .*ECONNREFUSED/,
    );
    expect(failure).not.toContain('secret');
  });
});
