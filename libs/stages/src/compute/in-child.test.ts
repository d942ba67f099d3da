import { openArtifacts, type ArtifactPlace } from '@overture/artifacts';
import { AppError } from '@overture/core';
import { testServices } from '@overture/execution/testing';
import { glob, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StageContext, StageSettings } from '../stage-context.ts';
import { compute, type FixtureInput } from './computing.fixture.ts';
import { artifactBytes, bootstrapBytes, inChild } from './in-child.ts';

const fixtureUrl = new URL('./computing.fixture.ts', import.meta.url).href;
const always = { stage: 'fixture', work: () => Infinity };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-compute-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A stage's context with a store on disk, and a record of everything reported through it. */
async function contextOf(
  signal = new AbortController().signal,
  onHeartbeat: (message?: string) => void = () => undefined,
) {
  await using test = await testServices<StageSettings>((stateDir) => ({
    stateDir,
    baseModels: { cacheDir: stateDir, env: {} },
    corpora: [],
    threads: 3,
    executionProvider: 'cpu',
    checkpointEverySteps: 1,
  }));
  const told: unknown[] = [];
  const place: ArtifactPlace = { kind: 'folder', root: join(folder, 'artifacts') };
  const context = {
    ...test.services,
    settings: { ...test.services.settings, stateDir: folder },
    artifacts: await openArtifacts(place),
    signal,
    workDir: folder,
    run: test.attempt.run,
    heartbeat: (progress: { message?: string }) => {
      told.push(progress);
      onHeartbeat(progress.message);
    },
    metrics: (measured: readonly object[]) => void told.push(...measured),
    logger: {
      info: (details: object, message: string) => void told.push([details, message]),
      warn: () => undefined,
    },
  } as unknown as StageContext;
  return { context, told };
}

const run = (act: FixtureInput['act'], context: StageContext): Promise<unknown> =>
  inChild(fixtureUrl, compute, always)({ act }, context);

describe('inChild', () => {
  it('computes in another process as it would here, and tells what it tells', async () => {
    const { context, told } = await contextOf();
    const there = (await run('describe', context)) as { pid: number };
    const costs = told.splice(3);
    const here = (await inChild(fixtureUrl, compute, { stage: 'fixture', work: () => 1 })(
      { act: 'describe' },
      context,
    )) as { pid: number };
    expect(here.pid).toBe(process.pid);
    expect(there.pid).not.toBe(process.pid);
    expect({ ...there, pid: 0, fetch: '' }).toEqual({ ...here, pid: 0, fetch: '' });
    expect(there).toMatchObject({ threads: 3, fetch: 'function' });
    expect(told.splice(0, 3)).toEqual(told);
    expect(costs).toMatchObject([
      { scope: 'cost:fixture', name: 'cpuSeconds' },
      { scope: 'cost:fixture', name: 'peakBytes' },
    ]);
  });

  it('passes an AppError on as it is', async () => {
    const { context } = await contextOf();
    const failure: unknown = await run('refuse', context).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect((failure as AppError).toJSON()).toEqual({
      code: 'FIXTURE_REFUSED',
      message: 'The fixture refuses. Ask for something else.',
      details: { act: 'refuse' },
      retryable: false,
    });
  });

  it('ends code that never comes back to its event loop, and the timers of this process go on meanwhile', async () => {
    const abortion = new AbortController();
    let ticks = 0;
    const { context } = await contextOf(abortion.signal, () => {
      const timer = setInterval(() => {
        if (++ticks === 3) abortion.abort(new Error('enough'));
      }, 5);
      abortion.signal.addEventListener('abort', () => clearInterval(timer));
    });
    await expect(run('loop', context)).rejects.toThrow('enough');
    expect(ticks).toBe(3);
  });

  it('leaves no half-written artifact behind when it is aborted', async () => {
    const abortion = new AbortController();
    const { context } = await contextOf(
      abortion.signal,
      (message) => message === 'writing' && abortion.abort(new Error('enough')),
    );
    await expect(run('write', context)).rejects.toThrow('enough');
    expect(await readdir(join(folder, 'artifacts', 'incoming'))).toEqual([]);
  });

  it('says what is wrong with a function that a child cannot find', async () => {
    const { context } = await contextOf();
    async function unknown(): Promise<void> {
      await sleep(0);
    }
    await expect(inChild(fixtureUrl, unknown, always)({}, context)).rejects.toThrow(
      /computing\.fixture\.ts has no export unknown: a function that computes in a child process must be exported under its own name\./,
    );
  });
});

describe('the functions of the stages that compute in a child', () => {
  it('are found there: each is exported under its own name', async () => {
    const stages = join(import.meta.dirname, '..', 'stages');
    const found: string[] = [];
    for await (const file of glob('*.ts', { cwd: stages, exclude: (name) => name.endsWith('.test.ts') })) {
      for (const [, name] of (await readFile(join(stages, file), 'utf8')).matchAll(
        /inChild\(import\.meta\.url, (\w+),/g,
      )) {
        found.push(name!);
        const exported = (
          (await import(join(stages, file))) as Record<string, { readonly name: string } | undefined>
        )[name!];
        expect(exported?.name, `${file} must export ${name}`).toBe(name);
      }
    }
    expect(found.length).toBeGreaterThan(15);
  });
});

describe('what counts as work', () => {
  const ref = (kind: string, bytes: number) => ({
    kind,
    bytes,
    digest: `sha256:${kind.length.toString(16).padStart(64, '0')}`,
  });

  it('is the bytes of the artifacts, and with resamples these several times', () => {
    const input = { corpus: ref('corpus', 1000), bundle: ref('bundle', 320), bootstrapSamples: 5000 };
    expect(artifactBytes(input)).toBe(1320);
    expect(bootstrapBytes(input)).toBe(5010);
    expect(bootstrapBytes({ ...input, bootstrapSamples: 10 })).toBe(1010);
  });
});
