import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { evaluationSummary } from '@overture/contracts';
import { AppError } from '@overture/core';
import { openCorpus, parseFormatName, splitNames } from '@overture/dialogue';
import type { EvaluationReport } from '@overture/metrics';
import { renderHtml, renderMarkdown, renderTable } from '@overture/report';
import { inChildProcess } from '@overture/runtime';
import { assertCorpusExists } from '../assert-corpus-exists.ts';
import type { CliContext } from '../context.ts';
import type { EvaluateJob, EvaluateMessage } from '../evaluate-child.ts';
import { copyOut } from '../model-bundle.ts';
import { trainingCorpus } from '../training-corpus.ts';
import { withRegistry } from '../with-registry.ts';

/** Options of `overture evaluate`. */
export interface EvaluateCommandOptions {
  readonly model: string;
  readonly corpus: string;
  readonly format: string;
  /** A split of the corpus, or `all`. */
  readonly split: string;
  readonly samples: number;
}

/**
 * `overture evaluate`: the same report as `train`, on another corpus. The baselines are fitted on the
 * training examples of the model. With `--json`, prints one object: the evaluation summary and reportPath.
 */
export async function evaluate(context: CliContext, options: EvaluateCommandOptions): Promise<void> {
  const { terminal, home } = context;
  // Check the corpus before the database starts: its path may be wrong.
  const uri = await checkedCorpus(context, options);
  const report = await withRegistry(context, async ({ registry, artifacts }) => {
    const version = await registry.getModel(options.model);
    const { folder, remove } = await copyOut(context, artifacts, version.bundle);
    try {
      const training = await trainingCorpus(context, { registry, artifacts }, version);
      if (training === undefined)
        terminal.warn('The corpus that this model was trained on is gone, so the report has no baselines.');
      try {
        const job: EvaluateJob = {
          bundle: folder,
          model: `${version.model}@${version.version}`,
          bundleDigest: version.bundle.digest,
          corpus: { path: options.corpus, uri, format: options.format },
          split: options.split,
          trainingCorpus: training?.file,
          samples: options.samples,
        };
        return await inChildProcess<EvaluationReport>(
          new URL('../evaluate-child.ts', import.meta.url).href,
          job,
          {
            signal: context.interrupt,
            graceMs: 500,
            onMessage: (message) => {
              const { kind, text } = message as EvaluateMessage;
              terminal[kind](text);
            },
          },
        );
      } finally {
        await training?.remove();
      }
    } finally {
      await remove();
    }
  });
  const page = await writePages(join(home, 'reports', `evaluate-${context.randomId().slice(0, 8)}`), report);
  if (terminal.json) return terminal.printJson({ ...evaluationSummary.parse(report), reportPath: page });
  terminal.print(`${renderTable(report)}\n\nreport  ${page}`);
}

/**
 * The location of the corpus, after checking that it can be opened.
 * @throws AppError `USAGE` for an unknown split, `CORPUS_NOT_FOUND`, `CORPUS_…`
 */
async function checkedCorpus(
  { cwd }: CliContext,
  { corpus: path, format, split }: EvaluateCommandOptions,
): Promise<string> {
  if (split !== 'all' && !splitNames.some((name) => name === split)) {
    throw new AppError(
      'USAGE',
      `--split must be one of all, ${splitNames.join(', ')}. Got ${JSON.stringify(split)} instead.`,
    );
  }
  const uri = path.startsWith('file:') ? path : resolve(cwd, path);
  assertCorpusExists(uri);
  await openCorpus(uri, { format: parseFormatName(format) });
  return uri;
}

async function writePages(folder: string, report: EvaluationReport): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(folder, 'report.md'), renderMarkdown(report));
  await writeFile(join(folder, 'report.html'), renderHtml(report));
  return join(folder, 'report.html');
}
