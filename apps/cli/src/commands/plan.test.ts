import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunId } from '@overture/core';
import type { NodeOutlook } from '@overture/execution';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';
import { testContext } from '../testing/test-context.ts';
import { planText } from './plan.ts';

const recordedAt = new Date('2026-11-24T06:10:11Z');
const run = 'train-desk-1a2b/0193' as RunId;
const at = { run, recordedAt };

describe('planText', () => {
  it('reads like a list of sentences', () => {
    const outlooks: NodeOutlook[] = [
      { id: 'ingest', stage: 'ingest', verdict: 'REUSE', cacheKey: null, from: { ...at, node: 'ingest' } },
      {
        id: 'fetchBase',
        stage: 'fetchBase',
        verdict: 'RUN',
        cacheKey: null,
        reasons: ['it never ran before'],
        changes: [],
      },
      {
        id: 'fineTune',
        stage: 'fineTune',
        verdict: 'RUN',
        cacheKey: null,
        reasons: ['training.epochs: 2 → 3', 'version: 1 → 2'],
        changes: [{ component: 'version', path: [], before: 1, now: 2 }],
        against: at,
      },
      { id: 'evaluate', stage: 'evaluate', verdict: 'UNKNOWN', until: ['fetchBase', 'fineTune'] },
    ];
    expect(planText('trainInitiativeModel', outlooks)).toBe(
      [
        'trainInitiativeModel would do this now:',
        '',
        '  ingest     REUSE what train-desk-1a2b gave on 2026-11-24 06:10:11 UTC',
        '  fetchBase  RUN since it never ran before',
        '  fineTune   RUN since its key differs from that of train-desk-1a2b, 2026-11-24 06:10:11 UTC:',
        '               training.epochs: 2 → 3',
        '               version: 1 → 2',
        '  evaluate   UNKNOWN UNTIL fetchBase and fineTune have run',
        '',
        '2 to run, 1 reused, 1 not known yet: whose inputs come out as before will be reused.',
      ].join('\n'),
    );
    expect(planText('w', outlooks.slice(0, 1))).toContain('Nothing has to run.');
  });
});

describe('overture plan', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'overture-plan-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const overture = async (...args: string[]) => {
    let context = testContext(folder);
    const code = await runCli(args, (json) => (context = testContext(folder, { json })));
    return { code, out: context.terminal.out, err: context.terminal.err };
  };

  it.each([
    [['plan', 'trainModel'], 2, 'The workflow must be one of trainInitiativeModel'],
    [['plan', 'trainInitiativeModel', '--set', 'epochs=3'], 3, 'epochs is not a known key.'],
    [
      ['plan', 'trainInitiativeModel', '--force', 'finetune'],
      3,
      'reuse.force.0 must be a stage of trainInitiativeModel: ingest, ',
    ],
    [
      ['plan', 'trainInitiativeModel', '--corpus', 'nowhere.jsonl'],
      3,
      'nowhere.jsonl does not exist. Check the path',
    ],
    [['train', '--from-run', 'x'], 2, '--from-run and --from-stage go together'],
    [
      ['train', '--from-stage', 'evaluate'],
      2,
      'Got --from-stage evaluate alone; overture runs ls lists runs.',
    ],
  ])('refuses %j before anything is brought up', async (args, code, words) => {
    const told = await overture(...args);
    expect(told).toMatchObject({ code, out: '' });
    expect(told.err).toContain(words);
  });

  it('says on an empty registry that everything has to run, and what of it would fail', async () => {
    await writeFile(join(folder, 'empty.jsonl'), '');
    const told = await overture(
      'plan',
      'trainInitiativeModel',
      '--set',
      'corpus.uri=nowhere.jsonl',
      '--base',
      'tiny',
      '--json',
    );
    expect(told.code, told.err).toBe(0);
    const { stages } = JSON.parse(told.out) as { stages: NodeOutlook[] };
    expect(stages[0]).toMatchObject({
      id: 'ingest',
      verdict: 'RUN',
      reasons: [expect.stringMatching(/^would fail as things are: .*nowhere\.jsonl/)],
    });
    expect(stages.slice(1).every(({ verdict }) => verdict === 'UNKNOWN')).toBe(true);
  });
});
