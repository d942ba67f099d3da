import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openChildService, type ChildService } from './child-service.ts';

const moduleUrl = new URL('./fixtures/child-service.ts', import.meta.url).href;
const open = (greeting = 'hello'): Promise<ChildService<object, unknown>> =>
  openChildService(moduleUrl, { name: 'the fixture', options: { greeting } });

describe('openChildService', () => {
  it('answers as often as asked, keeping what it has opened', async () => {
    await using service = await open();
    const data = { floats: Float32Array.of(1.5, -2) };
    expect(await service.ask({ act: 'echo', data })).toEqual({ greeting: 'hello', count: 1, data });
    expect(await service.ask({ act: 'echo', data: 2 })).toEqual({ greeting: 'hello', count: 2, data: 2 });
    expect(service.processId).not.toBe(process.pid);
  });

  it('does one thing after the other, and goes on after a refusal', async () => {
    await using service = await open();
    const [slow, refused, quick] = [
      service.ask({ act: 'work', milliseconds: 50 }),
      service.ask({ act: 'refuse' }),
      service.ask({ act: 'work', milliseconds: 0 }),
    ];
    await expect(refused).rejects.toMatchObject({
      code: 'FIXTURE_REFUSED',
      message: 'A fixture must refuse. It did.',
    });
    expect([await slow, await quick]).toEqual([
      { count: 1, asked: 1 },
      { count: 3, asked: 3 },
    ]);
  });

  it('says what its process took until its last answer', async () => {
    await using service = await open();
    const opened = service.usage;
    await service.ask({ act: 'spin', milliseconds: 200 });
    expect(service.usage.cpuSeconds - opened.cpuSeconds).toBeGreaterThan(0.15);
    expect(service.usage.peakBytes).toBeGreaterThanOrEqual(opened.peakBytes);
    expect(opened.peakBytes).toBeGreaterThan(10e6);
  });

  it('passes on why it did not open', async () => {
    await expect(open('')).rejects.toMatchObject({ code: 'FIXTURE_REFUSED' });
    await expect(openChildService('file:///nowhere.ts', { name: 'nothing', options: {} })).rejects.toThrow(
      /nowhere\.ts/,
    );
  });

  it('rejects what is asked of one that crashed, then or later, and of one that was closed', async () => {
    await using service = await open();
    await expect(service.ask({ act: 'crash' })).rejects.toMatchObject({
      code: 'RUNTIME_CHILD_DIED',
      retryable: true,
      details: { signal: 'SIGABRT' },
    });
    expect(service.alive).toBe(false);
    await expect(service.ask({ act: 'echo' })).rejects.toThrow(
      'The child process of the fixture must end with a result. It died of SIGABRT.',
    );
    const closed = await open();
    await closed.close();
    await closed.close();
    await expect(closed.ask({ act: 'echo' })).rejects.toMatchObject({ code: 'RUNTIME_CHILD_DIED' });
  });

  it.each(['wait', 'spin'])('ends when its parent is killed, during %s', async (act) => {
    const program = fileURLToPath(new URL('./fixtures/service-parent.ts', import.meta.url));
    const parent = spawn(process.execPath, [program, act], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
    expect(isAlive(Number(line))).toBe(true);
    parent.kill('SIGKILL');
    await expect
      .poll(() => isAlive(Number(line)), { message: `process ${line} still runs`, timeout: 30_000 })
      .toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
