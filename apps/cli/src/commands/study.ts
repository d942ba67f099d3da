import { join } from 'node:path';
import { InitiativeStudyInput, studySummary, type StudyResult } from '@overture/contracts';
import { AppError } from '@overture/core';
import type { RunSummary } from '@overture/registry';
import { renderStudyTable } from '@overture/report';
import type { CliContext } from '../context.ts';
import { fitBases } from '../fit-base.ts';
import { knownReports } from '../known-reports.ts';
import { instant, score } from '../output/format.ts';
import { table } from '../output/table.ts';
import { runCommand, type RunCommandOptions } from '../run-command.ts';
import { saveReportFolder } from '../save-report.ts';
import { assign } from '../settings.ts';
import { baseModel, checkedInput, workflowInput, type TrainInputOptions } from '../train-input.ts';
import { withRegistry } from '../with-registry.ts';

const workflow = 'initiativeStudy';

/** Options of `overture study`. */
export interface StudyOptions extends Omit<TrainInputOptions, 'name' | 'base'>, RunCommandOptions {
  readonly preset?: string;
  readonly encoder?: string;
  readonly languageModel?: string;
  readonly arms?: readonly string[];
  readonly folds?: number;
  readonly seeds?: readonly number[];
  /** Folders of earlier reports whose arms are reused. */
  readonly known?: readonly string[];
}

/**
 * `overture study`. With `--json`, prints one object: runId, workflowId, report, folds, artifacts,
 * reportPath.
 */
export async function study(context: CliContext, options: StudyOptions): Promise<void> {
  const given = await workflowInput(options, context.cwd);
  for (const key of ['encoder', 'languageModel'] as const)
    if (options[key] !== undefined) assign(given, [key], baseModel(options[key], context.cwd));
  for (const key of ['preset', 'arms', 'folds', 'seeds'] as const)
    if (options[key] !== undefined) assign(given, [key], options[key]);
  if (options.known !== undefined && options.known.length > 0)
    assign(given, ['known'], await knownReports(context, options.known, options.arms));
  const input = await fitBases(
    context,
    workflow,
    checkedInput(given, options, { workflow, schema: InitiativeStudyInput }),
  );
  await runCommand<StudyResult>(context, { workflow, input, name: 'study' }, options, {
    json: async (result) => {
      const { runId, workflowId, report, folds, artifacts } = result;
      return {
        runId,
        workflowId,
        report,
        folds,
        artifacts,
        reportPath: join(await saveReportFolder(context, result), 'study.html'),
      };
    },
    async text(result) {
      const folder = await saveReportFolder(context, result);
      return `\n${tableText(result)}\n\nrun          ${result.runId}\npredictions  ${result.artifacts.predictions.digest}\nreport       ${folder}/study.html`;
    },
  });
}

type RecordedStudy = Pick<StudyResult, 'runId' | 'workflowId' | 'report' | 'artifacts' | 'corpus'>;

/** `overture study ls`. */
export async function listStudies(context: CliContext): Promise<void> {
  const runs = await withRegistry(context, ({ registry }) => registry.listRuns({ workflow, limit: 100 }));
  const { terminal } = context;
  if (terminal.json)
    return terminal.printJson(
      runs.map((run) => ({ ...run, result: run.state === 'completed' ? resultOf(run) : null })),
    );
  if (runs.length === 0)
    return terminal.print('No studies yet. "overture study --preset smoke" makes the first one.');
  const rows = runs.map((run) => {
    const { workflowId, state, startedAt } = run;
    if (state !== 'completed') return [workflowId, state, instant(startedAt), '', '', '', ''];
    const { report } = resultOf(run);
    const best = report.arms.find(({ name }) => name === report.best);
    return [
      workflowId,
      state,
      instant(startedAt),
      report.corpus,
      String(report.arms.length),
      best?.name ?? '–',
      score(best?.macroF1),
    ];
  });
  terminal.print(table(['run', 'state', 'started', 'corpus', 'arms', 'best arm', 'macro-F1'], rows, 6));
}

/** `overture study show RUN`: prints its table, its answers and the path of its page. */
export async function showStudy(context: CliContext, id: string): Promise<void> {
  const result = await completedStudy(context, id);
  const { terminal } = context;
  const folder = await saveReportFolder(context, result);
  if (terminal.json) return terminal.printJson({ ...result, reportPath: join(folder, 'study.html') });
  terminal.print(`${tableText(result)}\n\nreport  ${folder}/study.html`);
}

/** `overture study compare RUN RUN`: prints the scores of each arm in both studies. */
export async function compareStudies(context: CliContext, ids: readonly [string, string]): Promise<void> {
  // One after the other: each opens the database.
  const [first, second] = [await completedStudy(context, ids[0]), await completedStudy(context, ids[1])];
  const names = [...new Set([first, second].flatMap(({ report }) => report.arms.map(({ name }) => name)))];
  const rows = names.map((name) => {
    const [before, after] = [first, second].map(({ report }) => report.arms.find((arm) => arm.name === name));
    return {
      arm: name,
      macroF1: [before?.macroF1 ?? null, after?.macroF1 ?? null],
      auc: [before?.auc ?? null, after?.auc ?? null],
      difference: before && after ? after.macroF1 - before.macroF1 : null,
    };
  });
  const { terminal } = context;
  if (terminal.json) return terminal.printJson({ runs: [first.runId, second.runId], arms: rows });
  const about = [first, second].map(
    ({ workflowId, report }) =>
      `${workflowId}: ${report.corpus}, ${report.protocol}, ${report.tagSet}, ${report.examples} examples, ${report.folds} folds`,
  );
  const sameTask =
    new Set(
      [first, second].map(({ report: { corpus, protocol, tagSet, examples } }) =>
        JSON.stringify([corpus, protocol, tagSet, examples]),
      ),
    ).size === 1;
  terminal.print(
    [
      ...about,
      ...(sameTask
        ? []
        : ['They are about different examples: the columns cannot be compared as if one were better.']),
      '',
      table(
        ['arm', 'macro-F1', '', 'difference', 'AUC', ''],
        rows.map(({ arm, macroF1, auc, difference }) => [
          arm,
          ...macroF1.map(score),
          signed(difference),
          ...auc.map(score),
        ]),
        1,
      ),
    ].join('\n'),
  );
}

async function completedStudy(context: CliContext, id: string): Promise<RecordedStudy> {
  const run = await withRegistry(context, ({ registry }) => registry.getRun(id));
  if (run.workflow !== workflow)
    throw new AppError(
      'USAGE',
      `The run must be a study. ${id} is of the workflow ${run.workflow}: "overture study ls" lists studies.`,
    );
  if (run.state !== 'completed')
    throw new AppError(
      'STUDY_NOT_DONE',
      `The study must have ended well to be shown. ${id} is ${run.state}: "overture runs show ${id}" says where it is.`,
    );
  return resultOf(run);
}

function resultOf({ id, workflowId, result }: RunSummary): RecordedStudy {
  const { report, artifacts, corpus } = result as Pick<StudyResult, 'report' | 'artifacts' | 'corpus'>; // as the workflow recorded it
  return { runId: id, workflowId, report: studySummary.parse(report), artifacts, corpus };
}

/** The table of a study, with the label sources, which the summary does not include. */
function tableText({ report, corpus }: Pick<StudyResult, 'report' | 'corpus'>): string {
  return renderStudyTable({
    ...report,
    ...(corpus.labels !== undefined && { provenance: { labels: corpus.labels } }),
  });
}

function signed(value: number | null): string {
  return value === null ? '–' : `${value < 0 ? '−' : '+'}${score(Math.abs(value))}`;
}
