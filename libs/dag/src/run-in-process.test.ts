import { AppError } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pipeline } from './pipeline.ts';
import { codeOf, runInProcess, type InProcessOptions, type StageCode } from './run-in-process.ts';
import { defineStage } from './stage-contract.ts';
import { conformanceCases, conformanceStages } from './testing/conformance.ts';

describe('runInProcess', () => {
  it.each(conformanceCases)('carries out: $name', async ({ pipeline: made, input, decisions, expected }) => {
    const calls: string[] = [];
    const logged = Object.entries(conformanceStages).map(([name, code]): [string, StageCode] => [
      name,
      (given, about) => {
        calls.push(
          `${about.id} ${JSON.stringify(given, (key, value: unknown) => (key === 'extra' && value === 0 ? undefined : value))}`,
        );
        return code(given, about);
      },
    ]);
    const left = [...(decisions ?? [])];
    const next = (task: string) =>
      left.splice(
        left.findIndex((decision) => decision.task === task || task.startsWith(`${decision.task}[`)),
        1,
      )[0];
    let statuses: Record<string, string> = {};
    const options: InProcessOptions = {
      stages: Object.fromEntries(logged),
      onChange: (tasks) => (statuses = Object.fromEntries(tasks.map(({ id, status }) => [id, status]))),
      ...(decisions && {
        park: async ({ id }) => {
          const decision = next(id);
          return decision?.kind === 'retry' || decision?.kind === 'abort' ? decision : { kind: 'skip' };
        },
        ask: async ({ id }) => {
          const decision = next(id);
          if (decision?.kind !== 'gate') throw new Error(`Nobody was to be asked about ${id}.`);
          const { approved, by, reason } = decision;
          return { approved, by, reason };
        },
      }),
    };
    const outcome = await runInProcess(made.prepare(input), options).then(
      (result) => ({ result }),
      (error: Error) => ({ failure: error.message }),
    );
    expect(outcome).toEqual(
      expected.failure === undefined ? { result: expected.result } : { failure: expected.failure },
    );
    expect(statuses).toEqual(expected.statuses);
    if (expected.calls) expect(calls.sort()).toEqual(expected.calls);
    expect(left).toEqual([]);
  });

  const fetch = defineStage({
    name: 'fetch',
    version: 1,
    summary: 'For the test.',
    queue: 'light',
    retry: { maximumAttempts: 3 },
    input: z.strictObject({ uri: z.string() }),
    output: z.object({ text: z.string() }),
  });
  const fetched = pipeline('fetched', z.object({}), (_, run) => run(fetch, { uri: 'here' })).prepare({});

  it('checks that every stage has code before anything runs', async () => {
    const ran: string[] = [];
    const size = defineStage({
      ...fetch,
      name: 'size',
      input: z.object({ text: z.string() }),
      output: z.object({ length: z.int() }),
    });
    const both = pipeline('both', z.object({}), (_, run) => run(size, run(fetch, { uri: 'here' }))).prepare(
      {},
    );
    const fetching = codeOf(fetch, async ({ uri }) => (ran.push(uri), { text: uri }));
    await expect(runInProcess(both, { stages: Object.fromEntries([fetching]) })).rejects.toThrow(
      'size has no code here, so nothing was run. Add an entry to `stages`, which has fetch.',
    );
    expect(ran).toEqual([]);
    // A whole output is passed on unchanged.
    expect(
      await runInProcess(both, {
        stages: Object.fromEntries([fetching, codeOf(size, async ({ text }) => ({ length: text.length }))]),
      }),
    ).toEqual({ length: 4 });
    // @ts-expect-error the contract says text
    codeOf(fetch, async ({ uri }) => ({ text: uri.length }));
    // @ts-expect-error the contract has no such input
    codeOf(fetch, async ({ url }) => ({ text: url }));
  });

  it('tries again what trying again can help, as often as the contract says', async () => {
    let tries = 0;
    const busy =
      (until: number): StageCode =>
      async () => {
        if (++tries < until) throw new AppError('BUSY', 'Come again.', { retryable: true });
        return { text: 'x' };
      };
    expect(await runInProcess(fetched, { stages: { fetch: busy(3) } })).toEqual({ text: 'x' });
    tries = 0;
    await expect(runInProcess(fetched, { stages: { fetch: busy(9) } })).rejects.toThrow('fetch: Come again.');
    expect(tries).toBe(3);
  });

  it('stops when its signal is aborted, and tells the stage', async () => {
    const stopping = new AbortController();
    const waiting: StageCode = (_, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    const running = runInProcess(fetched, { stages: { fetch: waiting }, signal: stopping.signal });
    stopping.abort(new Error('Enough.'));
    await expect(running).rejects.toThrow('Enough.');
  });

  it('refuses an output that the contract does not allow, and a stage without code', async () => {
    await expect(runInProcess(fetched, { stages: { fetch: async () => ({ text: 7 }) } })).rejects.toThrow(
      /^fetch: /,
    );
    await expect(runInProcess(fetched, { stages: {} })).rejects.toThrow(
      'fetch has no code here, so nothing was run. Add an entry to `stages`, which has none.',
    );
  });
});
