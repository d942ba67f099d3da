import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { floorPredictions } from '@overture/baselines';
import { trainingInput } from '@overture/contracts';
import { assumedMaxLength, resolveTagSet } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { examplesBySplit } from '../corpus-artifact.ts';
import { rule, runStage, type Test } from '../testing/run-stage.ts';
import { testServices } from '../testing/services.ts';
import { drawFoldsStage } from './folds.ts';
import { ingestStage } from './ingest.ts';

/** A bot greets, the user asks, the bot asks back or answers, and answers once more. */
const talks = Array.from({ length: 120 }, (_, i) => ({
  id: i,
  utterances: [
    { role: 'assistant', text: 'Hello, thank you for contacting Example support, how can I help you today?', initiative: null },
    { role: 'user', text: `my printer ${i} is broken`, initiative: null },
    { role: 'assistant', text: 'which light is on ?', initiative: i % 3 > 0 },
    { role: 'user', text: 'the red one' },
    { role: 'assistant', text: 'hold the button', initiative: false },
  ],
}));

async function ingested(test: Test, lines: readonly object[]) {
  const folder = await mkdtemp(join(tmpdir(), 'overture-ingest-'));
  try {
    const uri = join(folder, 'talks.jsonl');
    await writeFile(uri, lines.map((line) => JSON.stringify(line)).join('\n'));
    return await runStage(test, ingestStage, { uri });
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('a corpus in which the system greets first', () => {
  it('has conversations that stay apart, in splits and in folds', async () => {
    await using test = await testServices();
    const { corpus, summary } = await ingested(test, talks);
    expect(Object.keys(summary.splits)).toEqual(['train', 'valid', 'test']);
    const { counts } = await runStage(test, drawFoldsStage, { corpus, ...rule, splits: ['train', 'valid', 'test'], folds: 5, innerFolds: 10, seed: 0 });
    expect(counts.map(({ conversations }) => conversations)).toEqual([24, 24, 24, 24, 24]);
  });

  it('has a first turn, by which the rule is told apart from always no', async () => {
    await using test = await testServices();
    const { corpus } = await ingested(test, talks);
    const { train, valid } = await examplesBySplit(test.services.artifacts, corpus, { rule: { ...rule, tagSet: resolveTagSet() }, splits: ['train', 'valid'] });
    const firstTurn = floorPredictions(train, valid).find(({ name }) => name === 'firstTurnRule');
    expect(Array.from(firstTurn!.probabilities)).toEqual(valid.map(({ history }) => (history.length === 2 ? 1 : 0)));
    expect(new Set(Array.from(firstTurn!.probabilities)).size).toBe(2);
  });
});

it('gives the same corpus with and without system prompts, and says what it left out', async () => {
  await using test = await testServices();
  const without = await ingested(test, talks);
  const withPrompts = await ingested(test, talks.map((talk) => ({ ...talk, utterances: [{ role: 'system', text: 'Be brief.' }, ...talk.utterances] })));
  expect(withPrompts.corpus).toEqual(without.corpus);
  expect(withPrompts.source.problems).toContain(
    'note: System prompts (the role system beside assistant or agent, or the role developer) are not part of a conversation and were left out.',
  );
  expect(without.source.problems?.join()).not.toContain('System prompts');
});

it('estimates truncation for the length that a training has by default', () => {
  expect(assumedMaxLength).toBe(trainingInput.parse({}).maxLength);
});
