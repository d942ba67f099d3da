import type { TrainingStageProgress } from '@overture/contracts';
import type { RunState } from '@overture/protocol';
import type { RunId } from '@overture/core';
import { defaultPayloadConverter, type WorkflowHandle } from '@temporalio/client';
import { expect, it, vi } from 'vitest';
import { followRun } from './follow-run.ts';
import { fakeTerminal } from './testing/fake-terminal.ts';

/** A workflow description as Temporal returns it. */
function description(beats: readonly TrainingStageProgress[], children: readonly string[] = []): object {
  return {
    raw: {
      pendingActivities: beats.map((beat) => ({
        heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(beat)] },
      })),
      pendingChildren: children.map((workflowId) => ({ workflowId })),
    },
  };
}

it('shows what stages say, those of workflows that the run started too, and goes on when one is gone or nobody answers', async () => {
  const stages: RunState['stages'] = ['floors[0]', 'encoderFocal[1]', 'reportStudy'].map((id) => ({
    id,
    stage: id,
    status: 'running',
  }));
  const answers = [
    new Error('the worker is starting'),
    { run: 'study-1/r' as RunId, pipeline: 'initiativeStudy', status: 'running', stages } satisfies RunState,
  ];
  const handle = {
    query: () => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    describe: () =>
      Promise.resolve(
        description(
          [{ stage: 'reportStudy', message: 'comparing' }],
          ['study-1/floors[0]', 'study-1/encoderFocal[1]'],
        ),
      ),
    client: {
      getHandle: (id: string) => ({
        describe: () =>
          id === 'study-1/floors[0]'
            ? Promise.reject(new Error('gone'))
            : Promise.resolve(description([{ stage: 'fineTune', done: 3, total: 9 }])),
      }),
    },
  } as unknown as WorkflowHandle; // only the members that are used
  const terminal = fakeTerminal();
  const done = new AbortController();
  const following = followRun(handle, { terminal }, done.signal, { foreign: false });
  await vi.waitFor(
    () =>
      expect(terminal.err).toBe(
        '▶ encoderFocal[1] fineTune  3 of 9, ▶ reportStudy  comparing, ▶ floors[0]\n',
      ),
    { timeout: 1_800_000 },
  );
  done.abort();
  await following;
});
