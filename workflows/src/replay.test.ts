import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowsUrl } from './index.ts';

const folder = new URL('../histories/', import.meta.url);
const histories = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe('recorded histories', () => {
  beforeAll(() => void Runtime.install({ logger: new DefaultLogger('ERROR') }));

  it('cover every way in which a run can end', () => {
    const outcomes = ['aborted', 'cancelled-while-parked', 'cancelled', 'done', 'failed', 'invalid-input', 'park-expired', 'retried', 'skipped'];
    expect(histories).toEqual(outcomes.map((outcome) => `train-initiative-model-${outcome}.json`));
  });

  it('replay with this code: a running workflow survives an update of the worker', async () => {
    const recorded = histories.map((name) => ({ workflowId: name, history: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown }));
    const replayed: string[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowsPath: fileURLToPath(workflowsUrl) }, recorded)) {
      expect(error, `${workflowId}: change a shipped workflow only behind patched(…)`).toBeUndefined();
      replayed.push(workflowId);
    }
    expect(replayed.sort()).toEqual(histories);
  });

  it('would show a change: a history with another stage does not replay', async () => {
    const text = readFileSync(new URL('train-initiative-model-done.json', folder), 'utf8').replaceAll('"computeFloors"', '"somethingElse"');
    const results = [];
    for await (const { error } of Worker.runReplayHistories({ workflowsPath: fileURLToPath(workflowsUrl) }, [{ workflowId: 'changed', history: JSON.parse(text) as unknown }])) results.push(error?.message);
    expect(results).toEqual([expect.stringContaining('computeFloors')]);
  });
});
