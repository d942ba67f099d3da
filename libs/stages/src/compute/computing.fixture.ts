import { AppError } from '@overture/core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ComputeContext } from './compute-messages.ts';

/** What the function should do. */
export interface FixtureInput {
  readonly act: 'describe' | 'refuse' | 'loop' | 'write';
}

/** Does what its input asks, for the tests of `inChild`. */
export async function compute(
  { act }: FixtureInput,
  { artifacts, settings, workDir, run, heartbeat, metrics, logger }: ComputeContext,
): Promise<unknown> {
  logger.info({ act }, 'It begins.');
  metrics([{ scope: 'fixture', name: 'acts', value: 1 }]);
  heartbeat({ message: act, done: 1, total: 2 });
  if (act === 'refuse')
    throw new AppError('FIXTURE_REFUSED', 'The fixture refuses. Ask for something else.', {
      details: { act },
    });
  while (act === 'loop'); // blocks the event loop: only SIGKILL ends it
  if (act === 'write') await artifacts.put('endless', endless(heartbeat));
  return {
    pid: process.pid,
    run,
    workDir,
    threads: settings.threads,
    fetch: typeof settings.baseModels.fetch,
    ref: await artifacts.put('said', new TextEncoder().encode('hello')),
  };
}

async function* endless(heartbeat: ComputeContext['heartbeat']): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield new Uint8Array(1 << 20);
    heartbeat({ message: 'writing' });
    await sleep(5);
  }
}
