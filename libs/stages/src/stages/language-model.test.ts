import { answersTrainingSettings } from '@overture/training-settings';
import type { ArtifactRef } from '@overture/protocol';
import type { Conversation } from '@overture/dialogue';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { readFolds } from '../folds-artifact.ts';
import type { LanguageModelRefs } from '../language-model-folder.ts';
import { readPredictions } from '../out-of-fold.ts';
import { costsOf, rule, runStage, storedCorpus, zugConversations, type Test } from '../testing/run-stage.ts';
import { testServices } from '../testing/services.ts';
import { createTinyLanguageModelStage } from './base-model.ts';
import { supervisedFineTuneStage } from './supervised-fine-tune.ts';
import { drawFoldsStage, selectFoldStage } from './folds.ts';
import { promptFoldStage } from './prompt-fold.ts';

let test: Test;
let folds: ArtifactRef<'folds'>;
let evaluated: readonly Conversation[];
let model: LanguageModelRefs;
beforeAll(async () => {
  test = await testServices();
  const corpus = await storedCorpus(test, zugConversations);
  ({ folds } = await runStage(test, drawFoldsStage, {
    corpus,
    ...rule,
    splits: ['train'],
    folds: 3,
    innerFolds: 4,
    seed: 0,
  }));
  const { places } = await readFolds(test.services.artifacts, folds);
  evaluated = zugConversations.filter(({ id }) => places.get(id)?.fold === 1);
  model = await runStage(test, createTinyLanguageModelStage, { corpus: await taken(), seed: 0 });
});
afterAll(() => test[Symbol.asyncDispose]());

/** The corpus of fold 1. */
async function taken(
  conversations: readonly Conversation[] = zugConversations,
): Promise<ArtifactRef<'corpus'>> {
  return (
    await runStage(test, selectFoldStage, { corpus: await storedCorpus(test, conversations), folds, fold: 1 })
  ).corpus;
}

/** The evaluated conversations get other words and the other label. */
const altered = (): Conversation[] =>
  zugConversations.map((each) =>
    evaluated.includes(each)
      ? {
          ...each,
          utterances: each.utterances.map((said) => ({
            ...said,
            text: `quite other words ${said.text.length}`,
            ...(said.role === 'system' && { initiative: !said.initiative }),
          })),
        }
      : each,
  );

const about = { ...rule, maxLength: 64, fold: 1, seed: 3 } as const;
const costsOfLast = (): string[] => costsOf(test.services.registry.executions.at(-1));

describe('promptFold', () => {
  it('gives every example of the fold a calibrated probability by scores', async () => {
    const { predictions, examples, unparsable, demonstrations, threshold, temperature } = await runStage(
      test,
      promptFoldStage,
      { ...about, model, corpus: await taken(), shots: 4, read: 'scores' },
    );
    const lines = await readPredictions(test.services.artifacts, predictions);
    expect(lines.map(({ conversation }) => conversation)).toEqual(evaluated.map(({ id }) => id));
    expect(
      lines.every(
        (line) =>
          line.probability > 0 &&
          line.probability < 1 &&
          line.threshold === threshold &&
          line.fold === 1 &&
          line.seed === 3 &&
          line.unparsable === undefined,
      ),
    ).toBe(true);
    expect(new Set(lines.map(({ probability }) => probability)).size).toBeGreaterThan(1);
    expect({ examples, unparsable }).toEqual({ examples: evaluated.length, unparsable: 0 });
    expect(temperature).not.toBe(1);
    expect(demonstrations).toHaveLength(4);
    expect(demonstrations.filter((id) => evaluated.some((each) => id.startsWith(`${each.id}#`)))).toEqual([]);
    expect(costsOfLast()).toEqual(['cpuSeconds', 'peakBytes', 'tokens']);
    expect(await readdir(join(test.services.settings.stateDir, 'answers'))).toEqual([]);
  });

  it('takes a text that is no answer for no initiative, and says how many there were', async () => {
    // A model with random weights writes nonsense.
    const { predictions, unparsable, threshold, temperature } = await runStage(test, promptFoldStage, {
      ...about,
      model,
      corpus: await taken(),
      shots: 0,
      read: 'text',
    });
    const lines = await readPredictions(test.services.artifacts, predictions);
    expect(lines).toHaveLength(evaluated.length);
    expect(unparsable).toBe(evaluated.length);
    expect(lines.every((line) => line.probability === 0 && line.unparsable === true)).toBe(true);
    expect({ threshold, temperature }).toEqual({ threshold: 0.5, temperature: 1 });
  });

  it('is refused early: without a chat template, with too small a context, with too few conversations to show', async () => {
    const { chat: _, ...silent } = model;
    const corpus = await taken();
    await expect(
      runStage(test, promptFoldStage, { ...about, model: silent, corpus, shots: 0, read: 'text' }),
    ).rejects.toMatchObject({ code: 'CHAT_TEMPLATE_MISSING', retryable: false });
    await expect(
      runStage(test, supervisedFineTuneStage, {
        ...rule,
        model: silent,
        corpus,
        training: answersTrainingSettings.parse({}),
      }),
    ).rejects.toMatchObject({ code: 'CHAT_TEMPLATE_MISSING' });
    await expect(
      runStage(test, promptFoldStage, { ...about, model, corpus, shots: 40, read: 'scores' }),
    ).rejects.toMatchObject({ code: 'DEMONSTRATIONS_TOO_FEW' });
    const config = JSON.parse(
      new TextDecoder().decode(await test.services.artifacts.readBytes(model.config)),
    ) as object;
    const narrow = {
      ...model,
      config: await test.services.artifacts.put(
        'model-config',
        new TextEncoder().encode(JSON.stringify({ ...config, max_position_embeddings: 300 })),
      ),
    };
    await expect(
      runStage(test, promptFoldStage, { ...about, model: narrow, corpus, shots: 2, read: 'scores' }),
    ).rejects.toThrow(
      /^The model tiny-llama must have room for the instruction, 2 demonstrations, the longest conversation and the answer, \d+ tokens\. It has 300: ask with fewer demonstrations \(shots\) or shorter conversations \(maxLength\)\.$/,
    );
    await expect(
      runStage(test, supervisedFineTuneStage, {
        ...rule,
        model: narrow,
        corpus,
        training: answersTrainingSettings.parse({}),
      }),
    ).rejects.toMatchObject({ code: 'PROMPT_CONTEXT_TOO_SMALL' });
  });
});

describe('a language model fine-tuned on answers', () => {
  const answers = async ({
    epochs,
    conversations,
  }: {
    epochs: number;
    conversations?: readonly Conversation[];
  }) =>
    runStage(test, supervisedFineTuneStage, {
      ...rule,
      model,
      corpus: await taken(conversations),
      maxLength: 64,
      training: answersTrainingSettings.parse({
        epochs,
        learningRate: 0.02,
        batchSize: 4,
        weightDecay: 0,
        seed: 3,
      }),
    });

  it('writes them, as the base model alone does not', async () => {
    const { adapter, summary } = await answers({ epochs: 12 });
    expect(costsOfLast()).toEqual(['cpuSeconds', 'peakBytes', 'tokens']);
    expect(summary).toMatchObject({ steps: 12 * 6, validLoss: expect.any(Number) });
    expect([...(await test.services.artifacts.listTree(adapter)).keys()].sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
    const { unparsable, examples } = await runStage(test, promptFoldStage, {
      ...about,
      model,
      adapter,
      corpus: await taken(),
      shots: 0,
      read: 'text',
    });
    expect(unparsable).toBeLessThan(examples / 2); // without the adapter, all were
  });

  it('knows no conversation that is evaluated: neither adapter, demonstrations, temperature nor threshold change with it', async () => {
    const [before, after] = [
      await answers({ epochs: 1 }),
      await answers({ epochs: 1, conversations: altered() }),
    ];
    expect({ ...after, log: null }).toEqual({ ...before, log: null }); // the log contains times
    const asked = async (conversations?: readonly Conversation[]) =>
      runStage(test, promptFoldStage, {
        ...about,
        model,
        corpus: await taken(conversations),
        shots: 3,
        read: 'scores',
      });
    const [own, other] = [await asked(), await asked(altered())];
    expect({ ...other, predictions: null }).toEqual({ ...own, predictions: null });
    expect(other.predictions).not.toEqual(own.predictions);
  });
});
