import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { floorPredictions } from '@overture/baselines';
import { evaluationSummary } from '@overture/contracts';
import { AppError } from '@overture/core';
import {
  CorpusInspection,
  examplesOf,
  labelSourcesOf,
  openCorpus,
  parseFormatName,
  planSplits,
  splitNames,
  weakLabelsText,
  withSplits,
  type Conversation,
  type Corpus,
  type CorpusProblemKind,
  type Example,
  type LabelRule,
  type SplitPlan,
} from '@overture/dialogue';
import { openPredictor } from '@overture/inference';
import { evaluationReport, type EvaluationReport } from '@overture/metrics';
import { renderHtml, renderMarkdown, renderTable } from '@overture/report';
import { assertCorpusExists } from '../assert-corpus-exists.ts';
import type { CliContext } from '../context.ts';
import { copyOut } from '../model-bundle.ts';
import { trainingExamples } from '../training-examples.ts';
import { withRegistry } from '../with-registry.ts';

export interface EvaluateCommandOptions {
  readonly model: string;
  readonly corpus: string;
  readonly format: string;
  /** A split of the corpus, or `all`. */
  readonly split: string;
  readonly samples: number;
}

/** `overture evaluate`: the report of `train` for another corpus, with floors fitted on the model's own training examples. */
export async function evaluate(context: CliContext, options: EvaluateCommandOptions): Promise<void> {
  const { terminal, home } = context;
  // Before the database starts: it may be the path that is wrong.
  const corpus = await openedCorpus(context, options);
  const report = await withRegistry(context, async ({ registry, artifacts }) => {
    const version = await registry.getModel(options.model);
    const { folder, remove } = await copyOut(context, artifacts, version.bundle);
    try {
      await using predictor = await openPredictor(folder);
      const { text, decision, base } = predictor.manifest;
      const rule = { protocol: text.protocol, tagSet: text.tagSet };
      const examples = await corpusExamples(context, { ...options, opened: corpus }, rule);
      const train = await trainingExamples(context, { registry, artifacts, rule }, version);
      const labels = weakLabelsText(labelSourcesOf(examples), examples.length);
      if (train === undefined) terminal.warn('The corpus that this model was trained on is gone, so there are no floors beside it.');
      const predictions = await predictor.predict(examples, {
        signal: context.interrupt,
        onProgress: (done, total) => terminal.progress(`predicted ${done} of ${total}`),
      });
      const cut = predictions.filter(({ truncated }) => truncated).length;
      if (cut > 0)
        terminal.note(
          `note: ${cut} of ${examples.length} examples are longer than the ${text.maxLength} tokens of this model. Of these, it reads the opening question and the latest turns.`,
        );
      return evaluationReport(
        {
          corpus: basename(resolve(context.cwd, options.corpus)),
          protocol: rule.protocol,
          tagSet: rule.tagSet.name,
          split: options.split,
          labels: examples.map(({ label }) => label),
          probabilities: predictions.map(({ probability }) => probability),
          groups: examples.map(({ conversationId }) => conversationId),
          systemTurns: examples.map(({ systemTurn }) => systemTurn),
          threshold: { value: decision.threshold, tunedOn: 'valid' },
          floors: train === undefined ? [] : floorPredictions(train, examples),
          provenance: {
            model: `${version.model}@${version.version}`,
            bundle: version.bundle.digest,
            base: base.name,
            ...(labels !== undefined && { labels }),
          },
        },
        { samples: options.samples },
      );
    } finally {
      await remove();
    }
  });
  const page = await writePages(join(home, 'reports', `evaluate-${context.randomId().slice(0, 8)}`), report);
  if (terminal.json) return terminal.printJson({ ...evaluationSummary.parse(report), reportPath: page });
  terminal.print(`${renderTable(report)}\n\nreport  ${page}`);
}

async function openedCorpus({ cwd }: CliContext, { corpus: path, format, split }: EvaluateCommandOptions): Promise<Corpus> {
  if (split !== 'all' && !splitNames.some((name) => name === split)) {
    throw new AppError('USAGE', `--split must be one of all, ${splitNames.join(', ')}. Got ${JSON.stringify(split)} instead.`);
  }
  const uri = path.startsWith('file:') ? path : resolve(cwd, path);
  assertCorpusExists(uri);
  return openCorpus(uri, { format: parseFormatName(format) });
}

/** Problems of a corpus that is trained on: splits, copies across them, and what a training reads. */
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

/** The examples of the split; prints what a person should know of its conversations. */
async function corpusExamples(
  { interrupt, terminal }: CliContext,
  { corpus: path, opened: corpus, split }: EvaluateCommandOptions & { readonly opened: Corpus },
  rule: LabelRule,
): Promise<Example[]> {
  const examples: Example[] = [];
  const conversations = corpus.conversations({ signal: interrupt });
  // Only a chosen split needs to know how the corpus is divided; a corpus that is read whole need not have one for training.
  const plan: SplitPlan = split === 'all' ? { kind: 'given', assign: () => 'test' } : await planSplits(corpus);
  const inspection = new CorpusInspection(corpus, rule, plan);
  for await (const conversation of split === 'all' ? inOneSplit(conversations) : withSplits(conversations, plan)) {
    if (split !== 'all' && conversation.split !== split) continue;
    inspection.add(conversation);
    examples.push(...examplesOf(conversation, rule));
  }
  for (const { kind, severity, message } of inspection.summary().problems) {
    if (!onlyForTraining.includes(kind)) terminal.note(`${severity}: ${message}`);
  }
  if (examples.length > 0) return examples;
  throw new AppError(
    'CORPUS_NO_EXAMPLES',
    `${path} should have labeled system turns in ${split === 'all' ? 'it' : `its split ${split}`}, and has none. "overture corpus inspect ${path}" shows what it has.`,
    { details: { path, split } },
  );
}

async function* inOneSplit(conversations: AsyncIterable<Conversation>): AsyncGenerator<Conversation & { readonly split: 'test' }> {
  for await (const conversation of conversations) yield { ...conversation, split: 'test' };
}

async function writePages(folder: string, report: EvaluationReport): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(folder, 'report.md'), renderMarkdown(report));
  await writeFile(join(folder, 'report.html'), renderHtml(report));
  return join(folder, 'report.html');
}
