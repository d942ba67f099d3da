import { basename, resolve } from 'node:path';
import { baselinePredictions } from '@overture/baselines';
import { AppError } from '@overture/core';
import {
  CorpusInspection,
  examplesOf,
  labelSourcesOf,
  openCorpus,
  parseFormatName,
  planSplits,
  weakLabelsText,
  withSplits,
  type Conversation,
  type CorpusProblemKind,
  type Example,
  type LabelRule,
  type SplitPlan,
} from '@overture/dialogue';
import { openPredictor } from '@overture/inference';
import { evaluationReport, type EvaluationReport } from '@overture/metrics';
import type { ChildContext, ChildJob } from '@overture/runtime';
import { readTrainingExamples } from './training-corpus.ts';

/** The input of an evaluation, as plain data. */
export interface EvaluateJob {
  /** The bundle folder. */
  readonly bundle: string;
  /** `model@version`, for the report's provenance. */
  readonly model: string;
  readonly bundleDigest: string;
  /** The corpus path as the user wrote it, and its resolved location. */
  readonly corpus: { readonly path: string; readonly uri: string; readonly format: string };
  /** A split of the corpus, or `all`. */
  readonly split: string;
  /**
   * A copy of the corpus from the model's training run, used to fit the baselines. Undefined if it no longer
   * exists.
   */
  readonly trainingCorpus: string | undefined;
  readonly samples: number;
}

/** A message from the child process during an evaluation. */
export type EvaluateMessage = { readonly kind: 'note' | 'progress'; readonly text: string };

/**
 * Evaluates a bundle on a corpus in a child process. Baselines and bootstrap resampling take minutes on a
 * large corpus, and the command must remain interruptible.
 * @throws AppError `CORPUS_NO_EXAMPLES`, and the errors of `openCorpus` and `openPredictor`
 */
const evaluateChild: ChildJob<EvaluateJob, EvaluationReport> = async (
  job,
  { send, signal }: ChildContext,
) => {
  const tell = (kind: EvaluateMessage['kind'], text: string): void =>
    void send({ kind, text } satisfies EvaluateMessage).catch(() => undefined);
  await using predictor = await openPredictor(job.bundle);
  const { text, decision, base } = predictor.manifest;
  const rule = { protocol: text.protocol, tagSet: text.tagSet };
  const examples = await corpusExamples(job, rule, { signal, note: (line) => tell('note', line) });
  const train =
    job.trainingCorpus === undefined
      ? undefined
      : await readTrainingExamples(job.trainingCorpus, rule, signal);
  if (job.trainingCorpus !== undefined && train === undefined)
    tell(
      'note',
      'note: The corpus that this model was trained on has no training examples, so the report has no baselines.',
    );
  const labels = weakLabelsText(labelSourcesOf(examples), examples.length);
  const predictions = await predictor.predict(examples, {
    signal,
    onProgress: (done, total) => tell('progress', `predicted ${done} of ${total}`),
  });
  const cut = predictions.filter(({ truncated }) => truncated).length;
  if (cut > 0) {
    tell(
      'note',
      `note: ${cut} of ${examples.length} examples are longer than the ${text.maxLength} tokens of this model. Of these, it reads the opening question and the latest turns.`,
    );
  }
  tell('progress', 'fitting baselines and computing intervals');
  return evaluationReport(
    {
      corpus: basename(resolve(job.corpus.path)),
      protocol: rule.protocol,
      tagSet: rule.tagSet.name,
      split: job.split,
      labels: examples.map(({ label }) => label),
      probabilities: predictions.map(({ probability }) => probability),
      groups: examples.map(({ conversationId }) => conversationId),
      systemTurns: examples.map(({ systemTurn }) => systemTurn),
      threshold: { value: decision.threshold, tunedOn: 'valid' },
      floors: train === undefined ? [] : baselinePredictions(train, examples),
      provenance: {
        model: job.model,
        bundle: job.bundleDigest,
        base: base.name,
        ...(labels !== undefined && { labels }),
      },
    },
    { samples: job.samples },
  );
};

export default evaluateChild;

/**
 * Problems that matter only for training: the splits, copies across them, and the examples that training
 * reads.
 */
const onlyForTraining: readonly CorpusProblemKind[] = [
  'no-examples',
  'one-class',
  'few-of-a-class',
  'leaked-conversation',
  'leaked-opening',
  'common-opening',
  'truncated',
  'tag-set-unused',
  'mixed-labels',
];

/**
 * The examples of the split. Reports the problems of its conversations through `note`.
 * @throws AppError `CORPUS_NO_EXAMPLES`
 */
async function corpusExamples(
  { corpus: { path, uri, format }, split }: EvaluateJob,
  rule: LabelRule,
  { signal, note }: { readonly signal: AbortSignal; readonly note: (line: string) => void },
): Promise<Example[]> {
  const examples: Example[] = [];
  const corpus = await openCorpus(uri, { format: parseFormatName(format) });
  const conversations = corpus.conversations({ signal });
  // The split plan matters only for a chosen split; `all` also accepts a corpus without a training split.
  const plan: SplitPlan =
    split === 'all' ? { kind: 'given', assign: () => 'test' } : await planSplits(corpus);
  const inspection = new CorpusInspection(corpus, rule, plan);
  for await (const conversation of split === 'all'
    ? inOneSplit(conversations)
    : withSplits(conversations, plan)) {
    if (split !== 'all' && conversation.split !== split) continue;
    inspection.add(conversation);
    examples.push(...examplesOf(conversation, rule));
  }
  for (const { kind, severity, message } of inspection.summary().problems) {
    if (!onlyForTraining.includes(kind)) note(`${severity}: ${message}`);
  }
  if (examples.length > 0) return examples;
  throw new AppError(
    'CORPUS_NO_EXAMPLES',
    `${path} should have labeled system turns in ${split === 'all' ? 'it' : `its split ${split}`}, and has none. "overture corpus inspect ${path}" shows what it has.`,
    { details: { path, split } },
  );
}

async function* inOneSplit(
  conversations: AsyncIterable<Conversation>,
): AsyncGenerator<Conversation & { readonly split: 'test' }> {
  for await (const conversation of conversations) yield { ...conversation, split: 'test' };
}
