import { AppError } from '@overture/core';
import { defineStage, isTrue, pipeline, reuseRule } from '@overture/dag';
import { artifact } from '@overture/protocol';
import { openSqliteRegistry } from '@overture/registry/sqlite';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { implement, implementing } from './implement.ts';
import { runLocally } from './run-locally.ts';

const split = defineStage({
  name: 'split',
  version: 1,
  summary: 'Split a text into words',
  queue: 'light',
  input: z.strictObject({ text: z.string() }),
  output: z.object({ words: z.array(z.string()) }),
});
const shout = defineStage({
  name: 'shout',
  version: 1,
  summary: 'Write a word in capitals',
  queue: 'light',
  input: z.strictObject({ word: z.string() }),
  output: z.object({ loud: artifact('text') }),
  retry: { maximumAttempts: 3 },
});

const splitStage = implement(split, async ({ text }) => ({ words: text.split(' ') }));
const shoutStage = implement(shout, async ({ word }, { artifacts, heartbeat }) => {
  heartbeat({ message: word });
  return { loud: await artifacts.put('text', new TextEncoder().encode(word.toUpperCase())) };
});
const stages = [splitStage, shoutStage];

const words = pipeline(
  'words',
  z.strictObject({ text: z.string(), reuse: reuseRule.prefault({}) }),
  ({ text }, run) => {
    const { words } = run(split, { text });
    return { loud: run.each(words, shout, { wire: (word) => ({ word }) }) };
  },
  { reuse: ({ reuse }) => reuse },
);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-local-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('runLocally', () => {
  it('reuses from a folder what earlier runs computed', async () => {
    const first = await runLocally(words, { text: 'a b' }, { stages, folder });
    expect(first).toMatchObject({ ran: ['split', 'shout[0]', 'shout[1]'], reused: [] });
    const [, b] = first.result.loud;
    expect(new TextDecoder().decode(await first.artifacts.readBytes(b!.loud))).toBe('B');
    const second = await runLocally(words, { text: 'a b' }, { stages, folder });
    expect(second).toMatchObject({ result: first.result, ran: [], reused: first.ran });
    expect(await runLocally(words, { text: 'a b c' }, { stages, folder })).toMatchObject({
      ran: ['split', 'shout[2]'],
      reused: ['shout[0]', 'shout[1]'],
    });
    expect(
      await runLocally(words, { text: 'a b', reuse: { cache: false } }, { stages, folder }),
    ).toMatchObject({ result: first.result, reused: [] });

    await using registry = await openSqliteRegistry({ file: join(folder, 'registry.sqlite') });
    expect((await registry.listRuns()).map(({ workflow, state }) => [workflow, state])).toEqual(
      Array.from({ length: 4 }, () => ['words', 'completed']),
    );
    const recorded = await registry.getRun(second.run);
    expect(recorded).toMatchObject({ input: { text: 'a b' }, result: second.result });
    // Items are recorded in the order in which they finish.
    expect(recorded.stages.toSorted((x, y) => (x.node < y.node ? -1 : 1))).toMatchObject([
      { node: 'shout[0]' },
      { node: 'shout[1]', artifacts: [{ ref: b!.loud }] },
      { node: 'split', state: 'reused' },
    ]);
  });

  it('needs no folder: equal calls of a run share one output, and nothing is left behind', async () => {
    const left = async (): Promise<string[]> =>
      (await readdir(tmpdir())).filter((name) => name.startsWith('overture-run-'));
    const before = await left();
    const once = implement(shout, async ({ word }, { artifacts, workDir }) => {
      await writeFile(join(workDir, 'scratch'), word);
      return { loud: await artifacts.put('text', new TextEncoder().encode(word)) };
    });
    const { result, ran, reused, artifacts } = await runLocally(
      words,
      { text: 'a a a' },
      { stages: [splitStage, once] },
    );
    expect([ran.length, reused.length]).toEqual([2, 2]);
    expect(new TextDecoder().decode(await artifacts.readBytes(result.loud[2]!.loud))).toBe('a');
    expect(await left()).toEqual(before);
  });

  it('runs nested pipelines and gates; their nodes have paths', async () => {
    const both = pipeline('both', z.object({}), (_, run) => {
      const parts = run.each(['a', 'b'], words, { wire: (text) => ({ text }) });
      const { approved } = run.gate('check', { summary: 'Continue?', ask: true });
      return { parts, last: run(shout, { word: 'last' }, { when: isTrue(approved) }) };
    });
    const asked: string[] = [];
    const options = {
      stages,
      folder,
      ask: async ({ id }: { readonly id: string }) => (
        asked.push(id),
        { approved: true, by: 'Ada', reason: null }
      ),
    };
    const { ran, result } = await runLocally(both, {}, options);
    expect(ran.toSorted()).toEqual([
      'shout',
      'words[0]/shout[0]',
      'words[0]/split',
      'words[1]/shout[0]',
      'words[1]/split',
    ]);
    expect(asked).toEqual(['check']);
    expect(await runLocally(both, {}, options)).toMatchObject({ result, ran: [] });
    expect((await runLocally(both, {}, { stages, folder })).result.last).toBeUndefined();
  });

  it('refuses stages that do not fit before it creates anything', async () => {
    const own = join(folder, 'new');
    const attempt = (given: readonly (typeof splitStage | typeof shoutStage)[]): Promise<unknown> =>
      runLocally(words, { text: 'a' }, { stages: given as typeof stages, folder: own });
    await expect(attempt([splitStage])).rejects.toMatchObject({
      code: 'STAGE_UNKNOWN',
      message: 'shout has no code here, so nothing was run. Add an entry to `stages`, which has split.',
    });
    await expect(attempt([splitStage, shoutStage, splitStage])).rejects.toMatchObject({
      code: 'STAGE_TWICE',
      message: 'Stage split must have one implementation. Got two: leave one out of `stages`.',
    });
    await expect(
      attempt([splitStage, { ...shoutStage, contract: { ...shout, version: 2 } }]),
    ).rejects.toMatchObject({
      code: 'STAGE_VERSION',
      message:
        'The pipeline uses version 1 of stage shout, and its implementation in `stages` has version 2. Use the same contract for both.',
    });
    await expect(runLocally(words, { txet: 'a' }, { stages, folder: own })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    await expect(
      runLocally(
        words,
        { text: 'a' },
        { stages, folder: own, signal: AbortSignal.abort(new Error('too late')) },
      ),
    ).rejects.toThrow('too late');
    expect(existsSync(own)).toBe(false);
  });

  it('passes settings, reports progress, retries, and records a failure', async () => {
    const seen: unknown[] = [];
    const failing = implementing<{ readonly until: number }>()(
      shout,
      async (_input, { settings, heartbeat, registry: _registry }) => {
        heartbeat({ done: seen.length, total: settings.until });
        throw new AppError('BUSY', 'Not now.', { retryable: true });
      },
    );
    const run = runLocally(
      words,
      { text: 'a' },
      {
        stages: [splitStage, failing],
        folder,
        settings: { until: 3 },
        onProgress: (progress) => void seen.push(progress),
      },
    );
    await expect(run).rejects.toMatchObject({ code: 'BUSY', message: 'shout[0]: Not now.' });
    expect(seen).toEqual([0, 1, 2].map((done) => ({ stage: 'shout', done, total: 3, node: 'shout[0]' })));
    await using registry = await openSqliteRegistry({ file: join(folder, 'registry.sqlite') });
    const [recorded] = await registry.listRuns();
    expect(recorded).toMatchObject({ state: 'failed', error: 'shout[0]: Not now.' });
    expect(
      (await registry.getRun(recorded!.id)).stages.map(({ node, state, attempt }) => [node, state, attempt]),
    ).toEqual([
      ['split', 'ran', 1],
      ['shout[0]', 'failed', 1],
      ['shout[0]', 'failed', 2],
      ['shout[0]', 'failed', 3],
    ]);
  });

  it('stops when its signal is aborted, and the next run continues from what was recorded', async () => {
    const stopping = new AbortController();
    const stuck = implement(
      shout,
      (_input, { signal }) =>
        new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          stopping.abort(new Error('That is enough.'));
        }),
    );
    await expect(
      runLocally(words, { text: 'a' }, { stages: [splitStage, stuck], folder, signal: stopping.signal }),
    ).rejects.toThrow('That is enough.');
    await using registry = await openSqliteRegistry({ file: join(folder, 'registry.sqlite') });
    expect((await registry.listRuns()).map(({ state, error }) => [state, error])).toEqual([
      ['cancelled', 'That is enough.'],
    ]);
    expect(await runLocally(words, { text: 'a' }, { stages, folder })).toMatchObject({
      ran: ['shout[0]'],
      reused: ['split'],
    });
  });
});

describe('two processes with one folder', () => {
  interface Child {
    readonly pid: number;
    /** Resolves when the child has printed this line. */
    printed(line: unknown): Promise<void>;
    /** The last line, once the child has ended. */
    readonly ended: Promise<unknown>;
    kill(): void;
  }

  function start(): Child {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'testing/local-run-child.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout });
    reader.on('line', (line) => lines.push(line));
    const ended = new Promise<unknown>((resolve) =>
      reader.on('close', () => resolve(lines.length === 0 ? undefined : JSON.parse(lines.at(-1)!))),
    );
    const printed = (wanted: unknown): Promise<void> =>
      expect
        .poll(
          () =>
            lines.some(
              (line) =>
                JSON.stringify(wanted) === line ||
                (typeof wanted === 'string' && line.startsWith(`"${wanted}`)),
            ),
          { timeout: 30_000 },
        )
        .toBe(true);
    return { pid: child.pid!, printed, ended, kill: () => void child.kill('SIGKILL') };
  }

  it('compute a stage once: one runs it, the other waits and reuses the output', async () => {
    const first = start();
    await first.printed('started');
    const second = start();
    await second.printed('waiting for waiting-');
    await writeFile(join(folder, 'go'), '');
    expect(await first.ended).toEqual({ result: { by: first.pid }, ran: ['wait'], reused: [] });
    expect(await second.ended).toEqual({ result: { by: first.pid }, ran: [], reused: ['wait'] });
  });

  it('continue when one is killed: its lease expires, and the other runs the stage', async () => {
    const first = start();
    await first.printed('started');
    const second = start();
    await second.printed('waiting for waiting-');
    first.kill();
    await second.printed('started');
    await writeFile(join(folder, 'go'), '');
    expect(await second.ended).toEqual({ result: { by: second.pid }, ran: ['wait'], reused: [] });
  });
});
