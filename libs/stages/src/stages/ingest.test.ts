import { trainingSettings } from '@overture/training-settings';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baselinePredictions } from '@overture/baselines';

import { assumedMaxLength, resolveTagSet } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { examplesBySplit } from '../corpus-artifact.ts';
import { rule, runStage, type Test } from '../testing/run-stage.ts';
import { testServices } from '../testing/services.ts';
import { createTinyBaseStage } from './base-model.ts';
import { evaluateStage } from './evaluate.ts';
import { fineTuneStage } from './fine-tune.ts';
import { drawFoldsStage } from './folds.ts';
import { ingestStage } from './ingest.ts';
import { tokenizeStage } from './tokenize.ts';

/** A bot greets, the user asks, the bot asks back or answers, and then answers again. */
const talks = Array.from({ length: 120 }, (_, i) => ({
  id: i,
  utterances: [
    {
      role: 'assistant',
      text: 'Hello, thank you for contacting Example support, how can I help you today?',
      initiative: null,
    },
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
    const { counts } = await runStage(test, drawFoldsStage, {
      corpus,
      ...rule,
      splits: ['train', 'valid', 'test'],
      folds: 5,
      innerFolds: 10,
      seed: 0,
    });
    expect(counts.map(({ conversations }) => conversations)).toEqual([24, 24, 24, 24, 24]);
  });

  it('has a first turn, by which the rule is told apart from always no', async () => {
    await using test = await testServices();
    const { corpus } = await ingested(test, talks);
    const { train, valid } = await examplesBySplit(test.services.artifacts, corpus, {
      rule: { ...rule, tagSet: resolveTagSet() },
      splits: ['train', 'valid'],
    });
    const firstTurn = baselinePredictions(train, valid).find(({ name }) => name === 'firstTurnRule');
    expect(Array.from(firstTurn!.probabilities)).toEqual(
      valid.map(({ history }) => (history.length === 2 ? 1 : 0)),
    );
    expect(new Set(Array.from(firstTurn!.probabilities)).size).toBe(2);
  });
});

it('gives the same corpus with and without system prompts, and says what it left out', async () => {
  await using test = await testServices();
  const without = await ingested(test, talks);
  const withPrompts = await ingested(
    test,
    talks.map((talk) => ({
      ...talk,
      utterances: [{ role: 'system', text: 'Be brief.' }, ...talk.utterances],
    })),
  );
  expect(withPrompts.corpus).toEqual(without.corpus);
  expect(withPrompts.source.problems).toContain(
    'note: System prompts (the role system beside assistant or agent, or the role developer) are not part of a conversation and were left out.',
  );
  expect(without.source.problems?.join()).not.toContain('System prompts');
});

it('estimates truncation for the length that a training has by default', () => {
  expect(assumedMaxLength).toBe(trainingSettings.parse({}).maxLength);
});

describe('weak labels', { timeout: 300_000 }, () => {
  it('are named in the ingested source, the report and the model card, and only where there are some', async () => {
    await using test = await testServices();
    const guessed = talks.map((talk) => ({
      ...talk,
      utterances: talk.utterances.map((each) =>
        typeof each.initiative === 'boolean' ? { ...each, labelSource: 'rule:question' } : each,
      ),
    }));
    const text = 'weak, by rule `question`; on MSDialog this rule agrees with human labels at macro-F1 0.76';
    const { corpus, source } = await ingested(test, guessed);
    expect(source.labels).toBe(text);
    expect((await ingested(test, talks)).source).not.toHaveProperty('labels');

    const base = await runStage(test, createTinyBaseStage, { corpus, seed: 0 });
    const { tokens } = await runStage(test, tokenizeStage, {
      corpus,
      tokenizer: base.tokenizer,
      ...rule,
      maxLength: 32,
    });
    const training = trainingSettings.parse({ batchSize: 32, maxLength: 32, int8LargestDrop: null });
    const { bundle } = await runStage(test, fineTuneStage, {
      tokens,
      weights: base.weights,
      tokenizer: base.tokenizer,
      config: base.config,
      base: base.name,
      ...rule,
      training,
    });
    const { report } = await runStage(test, evaluateStage, {
      bundle,
      corpus,
      corpusName: source.name,
      ...rule,
      split: 'valid',
      bootstrapSamples: 100,
    });
    const folder = await mkdtemp(join(tmpdir(), 'overture-weak-'));
    try {
      await test.services.artifacts.materialize(bundle, join(folder, 'bundle'));
      await test.services.artifacts.materialize(report, join(folder, 'report'));
      expect(await readFile(join(folder, 'bundle', 'README.md'), 'utf8')).toContain(`| labels | ${text} |`);
      expect(JSON.parse(await readFile(join(folder, 'report', 'report.json'), 'utf8'))).toMatchObject({
        provenance: { labels: text },
      });
      expect(await readFile(join(folder, 'report', 'report.md'), 'utf8')).toContain('weak, by rule');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
