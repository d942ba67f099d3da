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
    const outcomes: Readonly<Record<string, readonly string[]>> = {
      'train-initiative-model': [
        'aborted',
        'cancelled-while-parked',
        'cancelled',
        'controlled',
        'done',
        'failed',
        'invalid-input',
        'looked-up',
        'park-expired',
        'retried',
        'skipped',
      ],
      'cross-validate': ['cancelled', 'continued', 'done', 'failed', 'retried'],
      'cross-validate-fold': ['aborted', 'cancelled', 'done', 'retried'],
      'promote-model': ['aborted', 'approved', 'cancelled', 'refused-by-rule', 'rejected'],
      sweep: ['cancelled', 'done', 'failed', 'resumed'],
      'sweep-trial': ['cancelled', 'diverged'],
      'initiative-study': ['done'],
      'study-trial': ['done'],
    };
    expect([...histories].sort()).toEqual(
      Object.entries(outcomes)
        .flatMap(([workflow, ends]) => ends.map((end) => `${workflow}-${end}.json`))
        .sort(),
    );
  });

  it('replay with this code: a running workflow survives an update of the worker', async () => {
    const recorded = histories.map((name) => {
      const history = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
        events: [{ workflowExecutionStartedEventAttributes: { workflowId: string } }];
      };
      // Children's ids start with the parent's id.
      return {
        name,
        workflowId: history.events[0].workflowExecutionStartedEventAttributes.workflowId,
        history,
      };
    });
    const nameOf = new Map(recorded.map(({ name, workflowId }) => [workflowId, name]));
    const replayed: string[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories(
      { workflowsPath: fileURLToPath(workflowsUrl) },
      recorded,
    )) {
      const name = nameOf.get(workflowId) ?? workflowId;
      expect(error, `${name}: change a shipped workflow only behind patched(…)`).toBeUndefined();
      replayed.push(name);
    }
    expect(replayed.sort()).toEqual(histories);
  });

  it('would show a change: a history with another stage does not replay', async () => {
    const text = readFileSync(new URL('train-initiative-model-done.json', folder), 'utf8').replaceAll(
      '"computeFloors"',
      '"somethingElse"',
    );
    const results = [];
    for await (const { error } of Worker.runReplayHistories({ workflowsPath: fileURLToPath(workflowsUrl) }, [
      { workflowId: 'changed', history: JSON.parse(text) as unknown },
    ]))
      results.push(error?.message);
    expect(results).toEqual([expect.stringContaining('computeFloors')]);
  });
});
