import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore } from '@overture/artifacts';
import { artifact } from '@overture/protocol';
import { examplesOf, openCorpus, type Example, type LabelRule } from '@overture/dialogue';
import type { ModelVersion, Registry } from '@overture/registry';
import { z } from 'zod';
import type { CliContext } from './context.ts';

/** The part of a run's result that names its training corpus. */
const runResult = z.object({ artifacts: z.object({ corpus: artifact('corpus') }) });

/**
 * A copy of the corpus that a model was trained on, found through the model's run. Baselines are fitted on
 * the training examples in it. Undefined if the run or its corpus no longer exists. The caller must call
 * `remove`.
 */
export async function trainingCorpus(
  { home, randomId }: Pick<CliContext, 'home' | 'randomId'>,
  { registry, artifacts }: { readonly registry: Registry; readonly artifacts: ArtifactStore },
  { run }: ModelVersion,
): Promise<{ readonly file: string; remove(): Promise<void> } | undefined> {
  if (run === null) return undefined;
  const { result } = await registry.getRun(run);
  const found = runResult.safeParse(result);
  if (!found.success || !(await artifacts.has(found.data.artifacts.corpus))) return undefined;
  const file = join(home, 'tmp', `corpus-${randomId().slice(0, 8)}.jsonl`);
  const remove = (): Promise<void> => rm(file, { force: true });
  try {
    await artifacts.materialize(found.data.artifacts.corpus, file);
  } catch (thrown) {
    await remove();
    throw thrown;
  }
  return { file, remove };
}

/**
 * The examples of the training split of a JSON Lines corpus; undefined if there are none.
 * @throws AppError `CORPUS_…`
 */
export async function readTrainingExamples(
  file: string,
  rule: LabelRule,
  signal: AbortSignal,
): Promise<Example[] | undefined> {
  const examples: Example[] = [];
  const corpus = await openCorpus(file, { format: 'jsonl' });
  for await (const conversation of corpus.conversations({ signal })) {
    if (conversation.split === 'train') examples.push(...examplesOf(conversation, rule));
  }
  return examples.length === 0 ? undefined : examples;
}
