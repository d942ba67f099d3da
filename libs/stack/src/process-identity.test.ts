import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { identityOf, isRunning, signalProcess } from './process-identity.ts';

describe('process identity', () => {
  it('says that this process runs, and that one of the same pid but another start does not', () => {
    const self = identityOf(process.pid);
    expect(self.pid).toBe(process.pid);
    expect(isRunning(self)).toBe(true);
    expect(isRunning({ ...self, startTime: `${self.startTime}9` })).toBe(false);
    expect(isRunning({ pid: self.pid, startTime: '' })).toBe(false);
  });

  it('follows a child to its end and signals no successor', async () => {
    const child = spawn('sleep', ['30']);
    const identity = identityOf(child.pid as number);
    expect(isRunning(identity)).toBe(true);
    signalProcess({ ...identity, startTime: 'another time' }, 'SIGKILL');
    // Signal 0 reaches the process, so the signal before it has not ended it.
    expect(process.kill(identity.pid, 0)).toBe(true);
    expect(isRunning(identity)).toBe(true);
    signalProcess(identity, 'SIGKILL');
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
  });

  it.runIf(process.platform === 'linux')('takes a zombie for ended', async () => {
    // The shell becomes a `sleep` that never waits for its child.
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = identityOf(Number(line.toString().trim()));
    expect(isRunning(child)).toBe(true);
    while (isRunning(child)) await sleep(10);
    expect(() => process.kill(child.pid, 0)).not.toThrow();
    parent.kill('SIGKILL');
  });
});
