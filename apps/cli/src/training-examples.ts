import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore } from '@overture/artifacts';
import { artifact } from '@overture/contracts';
import { examplesOf, openCorpus, type Example, type LabelRule } from '@overture/dialogue';
import type { ModelVersion, Registry } from '@overture/registry';
import { z } from 'zod';
import type { CliContext } from './context.ts';

/** What of a run's result names the corpus that it trained on. */
const runResult = z.object({ artifacts: z.object({ corpus: artifact('corpus') }) });

/**
 * The training examples behind a model, by the lineage of its run: floors are fitted on what the model was fitted on. Undefined when
 * the run or its corpus are gone.
 */
export async function trainingExamples(
  { home, randomId, interrupt }: CliContext,
  { registry, artifacts, rule }: { readonly registry: Registry; readonly artifacts: ArtifactStore; readonly rule: LabelRule },
  { run }: ModelVersion,
): Promise<Example[] | undefined> {
  if (run === null) return undefined;
  const { result } = await registry.getRun(run);
  const found = runResult.safeParse(result);
  if (!found.success || !(await artifacts.has(found.data.artifacts.corpus))) return undefined;
  const file = join(home, 'tmp', `corpus-${randomId().slice(0, 8)}.jsonl`);
  try {
    await artifacts.materialize(found.data.artifacts.corpus, file);
    const examples: Example[] = [];
    const corpus = await openCorpus(file, { format: 'jsonl' });
    for await (const conversation of corpus.conversations({ signal: interrupt })) {
      if (conversation.split === 'train') examples.push(...examplesOf(conversation, rule));
    }
    return examples.length === 0 ? undefined : examples;
  } finally {
    await rm(file, { force: true });
  }
}
