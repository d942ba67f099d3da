import type { RunState, StageState } from '@overture/protocol';
import type { RunId } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { fakeTerminal } from '../testing/fake-terminal.ts';
import { runProgress } from './run-progress.ts';

function state(...stages: StageState[]): RunState {
  return { run: 'w/r' as RunId, pipeline: 'trainInitiativeModel', status: 'running', stages };
}

describe('runProgress', () => {
  it('says once that a stage ended, and how', () => {
    const terminal = fakeTerminal();
    const progress = runProgress(terminal);
    progress.state(state({ id: 'ingest', stage: 'ingest', status: 'running' }));
    progress.state(
      state(
        { id: 'ingest', stage: 'ingest', status: 'done', durationMs: 1_234, reused: true },
        { id: 'tokenize', stage: 'tokenize', status: 'running' },
      ),
    );
    progress.state(
      state(
        { id: 'ingest', stage: 'ingest', status: 'done', durationMs: 1_234, reused: true },
        { id: 'tokenize', stage: 'tokenize', status: 'failed', error: 'no such tokenizer' },
      ),
    );
    expect(terminal.err).toBe('✓ ingest  1.2 s  (reused)\n✗ tokenize: no such tokenizer\n');
  });

  it('says of a parked stage how to decide, and once more when it is parked again', () => {
    const terminal = fakeTerminal();
    const progress = runProgress(terminal);
    const parked: StageState = {
      id: 'ingest',
      stage: 'ingest',
      status: 'parked',
      error: 'no such file',
      skippable: true,
    };
    progress.state(state(parked));
    progress.state(state(parked));
    expect(terminal.err).toBe(
      '⏸ ingest: no such file  (waits for a decision)\n    overture runs retry w ingest   (--set key=value changes its input)\n    overture runs skip w ingest\n    overture runs abort w\n',
    );
    progress.state(state({ ...parked, status: 'running' }));
    progress.state(state(parked));
    expect(terminal.err.split('⏸')).toHaveLength(3);
  });

  it('says of a gate what it asks and how to answer', () => {
    const terminal = fakeTerminal();
    runProgress(terminal).state(
      state({
        id: 'approve',
        stage: 'approve',
        status: 'asking',
        question: 'Promote?',
        input: { macroF1: 0.6 },
      }),
    );
    expect(terminal.err).toBe(
      '? approve  (waits for an answer)\n    Promote?  {"macroF1":0.6}\n    overture runs approve w approve --by NAME --reason "…"\n    overture runs reject w approve --by NAME --reason "…"\n',
    );
  });

  it('shows step, loss, rate and what is left of a training', () => {
    const terminal = fakeTerminal();
    const progress = runProgress(terminal);
    progress.state(state({ id: 'fineTune', stage: 'fineTune', status: 'running' }));
    const beat = (step: number) => [
      { stage: 'fineTune', training: { step, totalSteps: 184, epoch: 1, loss: 0.6931 } },
    ];
    progress.heartbeats(beat(4));
    progress.heartbeats(beat(64));
    expect(terminal.err.split('\n')[0]).toBe('▶ fineTune  epoch 1, step 4 of 184, loss 0.693');
    expect(terminal.err.split('\n')[1]).toMatch(
      /^▶ fineTune {2}epoch 1, step 64 of 184, loss 0\.693, \d+\.\d steps\/s, .* left$/,
    );
  });

  it('shows what the stages of workflows that it started say, and counts those that say nothing', () => {
    const terminal = fakeTerminal();
    const progress = runProgress(terminal);
    const items = [0, 1, 2, 3, 4, 5].map((i): StageState => ({
      id: `encoderFocal[${i}]`,
      stage: 'studyTrial',
      status: 'running',
    }));
    progress.state(state({ id: 'encoderFocal', stage: 'studyTrial', status: 'running' }, ...items));
    progress.heartbeats([
      {
        child: 'encoderFocal[4]',
        stage: 'fineTune',
        training: { step: 3, totalSteps: 9, epoch: 1, loss: 0.5 },
      },
      { child: 'encoderFocal[2]', stage: 'predictFold', done: 5, total: 7 },
    ]);
    expect(terminal.err).toBe(
      '▶ encoderFocal[2] predictFold  5 of 7, ▶ encoderFocal[4] fineTune  epoch 1, step 3 of 9, loss 0.500, ▶ encoderFocal[0], ▶ encoderFocal[1], and 2 more\n',
    );
  });

  it('lets the time left go down between two heartbeats, and in a pause', () => {
    let now = 0;
    const terminal = { ...fakeTerminal(), now: () => now, progress: (text: string) => void shown.push(text) };
    const shown: string[] = [];
    const progress = runProgress(terminal);
    progress.state(state({ id: 'fineTune', stage: 'fineTune', status: 'running' }));
    const at = (ms: number, step: number): void => {
      now = ms;
      progress.heartbeats([
        { stage: 'fineTune', training: { step, totalSteps: 1_000, epoch: 1, loss: null } },
      ]);
    };
    at(1_000, 0);
    at(11_000, 100);
    at(13_000, 100);
    at(15_000, 100);
    expect(shown.map((text) => /([\d.]+ steps\/s, .*) left/.exec(text)?.[1])).toEqual([
      undefined,
      '10.0 steps/s, 1 min 30 s',
      '10.0 steps/s, 1 min 28 s',
      '10.0 steps/s, 1 min 26 s',
    ]);
  });

  it('counts the items of a map on its row', () => {
    const terminal = fakeTerminal();
    const items = [0, 1, 2].map((i): StageState => ({
      id: `fold[${i}]`,
      stage: 'crossValidateFold',
      status: i === 2 ? 'failed' : 'done',
    }));
    runProgress(terminal).state(state({ id: 'fold', stage: 'crossValidateFold', status: 'done' }, ...items));
    expect(terminal.err).toBe('✓ fold  2 of 3\n✓ fold[0]\n✓ fold[1]\n✗ fold[2]\n');
  });

  it('measures the speed of a training that begins anew from there', () => {
    const terminal = fakeTerminal();
    const progress = runProgress(terminal);
    progress.state(state({ id: 'fineTune', stage: 'fineTune', status: 'running' }));
    for (const step of [50, 2])
      progress.heartbeats([{ stage: 'fineTune', training: { step, totalSteps: 184, epoch: 1, loss: null } }]);
    expect(terminal.err.split('\n')[1]).toBe('▶ fineTune  epoch 1, step 2 of 184');
  });
});
