import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, type RunId } from '@overture/core';
import { sampleExecution } from '../testing/sample.ts';
import { openSqliteRegistry } from './open-sqlite-registry.ts';

const run = 'w/r' as RunId;
const module = JSON.stringify(new URL('open-sqlite-registry.ts', import.meta.url).href);
const node = (code: string, ...flags: string[]): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, [
    ...flags,
    '--input-type=module',
    '-e',
    `import { openSqliteRegistry } from ${module};\n${code}`,
  ]);

describe('openSqliteRegistry', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overture-sqlite-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const open = (name: string): ReturnType<typeof openSqliteRegistry> =>
    openSqliteRegistry({ file: join(folder, name) });

  it('keeps its content in one file, in a folder that it creates', async () => {
    {
      await using registry = await open('deep/er/runs.sqlite');
      await registry.startRun({ run, workflowId: 'w', pipeline: 'p', input: {} });
      await registry.recordStageExecution(sampleExecution(run));
    }
    expect(await readdir(join(folder, 'deep/er'))).toEqual(['runs.sqlite']);
    await using registry = await open('deep/er/runs.sqlite');
    expect(await registry.findReusable(digestOf('key'))).toMatchObject({ run, outputs: { truncated: 3 } });
  });

  it('forgets a registry in memory when it is closed, and can be closed twice', async () => {
    const registry = await openSqliteRegistry({ file: ':memory:' });
    await registry.startRun({ run, workflowId: 'w', pipeline: 'p', input: {} });
    await registry.close();
    await registry.close();
    await using other = await openSqliteRegistry({ file: ':memory:' });
    expect(await other.listRuns()).toEqual([]);
    await expect(registry.listRuns()).rejects.toMatchObject({ code: 'REGISTRY_QUERY', retryable: false });
  });

  it('lets several processes create the same file at once, and prints no warning', async () => {
    const file = join(folder, 'many.sqlite');
    const start = (name: string): Promise<{ stderr: string }> =>
      node(`await using registry = await openSqliteRegistry({ file: ${JSON.stringify(file)} });
        for (let i = 0; i < 50; i++) await registry.startRun({ run: '${name}/' + i, workflowId: '${name}', pipeline: 'p', input: {} });`);
    const ended = await Promise.all(['a', 'b', 'c', 'd'].map(start));
    expect(ended.map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
    await using registry = await openSqliteRegistry({ file });
    expect(await registry.listRuns({ limit: 1000 })).toHaveLength(200);
  });

  it('waits for another writer, then says that the file is locked', async () => {
    const file = join(folder, 'locked.sqlite');
    await using registry = await openSqliteRegistry({ file });
    const other = new DatabaseSync(file);
    other.exec('begin immediate');
    await expect(registry.startRun({ run, workflowId: 'w', pipeline: 'p', input: {} })).rejects.toMatchObject(
      {
        code: 'REGISTRY_UNAVAILABLE',
        retryable: true,
        message: `The registry's file ${file} cannot be used now: database is locked. Another process is writing to it. This is tried again.`,
      },
    );
    expect(await registry.listRuns()).toEqual([]);
    other.close();
    await registry.startRun({ run, workflowId: 'w', pipeline: 'p', input: {} });
    expect(await registry.listRuns()).toHaveLength(1);
  });

  it('refuses a file that is not its own', async () => {
    await writeFile(
      join(folder, 'text'),
      'This is a text that is longer than the header of a database, so it cannot be one. '.repeat(20),
    );
    const other = new DatabaseSync(join(folder, 'other.sqlite'));
    other.exec('create table mine (id integer)');
    other.close();
    await (await open('newer.sqlite')).close();
    const newer = new DatabaseSync(join(folder, 'newer.sqlite'));
    newer.exec('pragma user_version = 9');
    newer.close();
    const cases = [
      ['text', 'is not an SQLite database. Choose another file.'],
      ['other.sqlite', 'is the database of another program. Choose another file.'],
      [
        'newer.sqlite',
        'has version 9 of the tables, and this release needs version 1. Use the release that created it, or another file.',
      ],
      [
        '.',
        'cannot be opened for writing: unable to open database file. Check the path and its permissions.',
      ],
      [
        'text/below',
        `cannot be opened for writing: EEXIST: file already exists, mkdir '${folder}/text'. Check the path and its permissions.`,
      ],
    ] as const;
    for (const [name, problem] of cases) {
      await expect(open(name), name).rejects.toMatchObject({
        code: 'REGISTRY_FILE',
        retryable: false,
        message: `The registry's file ${join(folder, name)} ${problem}`,
      });
    }
    await expect(openSqliteRegistry({ file: '' })).rejects.toThrow(
      'The registry\'s file "" needs a path, or the name :memory:.',
    );
    const untouched = new DatabaseSync(join(folder, 'other.sqlite'));
    expect(untouched.prepare('select name from sqlite_schema').all()).toEqual([{ name: 'mine' }]);
    expect(untouched.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'delete' });
    untouched.close();
  });

  it('says that Node is too old, where it has no node:sqlite', async () => {
    const { stdout } = await node(
      `await openSqliteRegistry({ file: ':memory:' }).catch(({ code, message }) => console.log(code, message));`,
      '--no-experimental-sqlite',
    );
    expect(stdout).toBe(
      `REGISTRY_SQLITE openSqliteRegistry needs the module node:sqlite, which this Node (${process.version}) does not provide. Use Node 22.13, 23.4 or later without --no-experimental-sqlite, or use Postgres (openRegistry).\n`,
    );
  });
});
