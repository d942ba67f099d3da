import { SweepInput, type SweepResult } from '@overture/contracts';
import { AppError } from '@overture/core';
import { renderTable } from '@overture/report';
import type { CliContext } from '../context.ts';
import { fitBases } from '../fit-base.ts';
import { score } from '../output/format.ts';
import { table } from '../output/table.ts';
import { runCommand, type RunCommandOptions } from '../run-command.ts';
import { saveReport } from '../save-report.ts';
import { assign } from '../settings.ts';
import { checkedInput, workflowInput, type TrainInputOptions } from '../train-input.ts';

/** Options of `overture sweep`. */
export interface SweepOptions extends TrainInputOptions, RunCommandOptions {
  /** `setting=a,b,c` or `setting=min..max[:log]` for each varied setting. */
  readonly vary?: readonly string[];
  readonly strategy?: string;
  readonly trials?: number;
}

/**
 * `overture sweep`. With `--json`, prints one object: runId, workflowId, best, rungs, model, report,
 * reportPath.
 */
export async function sweep(context: CliContext, options: SweepOptions): Promise<void> {
  const { vary = [], strategy, trials } = options;
  const given = {
    ...(await workflowInput(options, context.cwd)),
    ...(strategy !== undefined && { strategy }),
    ...(trials !== undefined && { trials }),
  };
  for (const each of vary) varied(given, each);
  const input = await fitBases(
    context,
    'sweep',
    checkedInput(given, options, { workflow: 'sweep', schema: SweepInput }),
  );
  await runCommand<SweepResult>(
    context,
    {
      workflow: 'sweep',
      input,
      name: `sweep-${String(given['name' as keyof typeof given] ?? 'initiative')}`,
    },
    options,
    {
      json: async (result) => {
        const { runId, workflowId, best, rungs, model, report } = result;
        return {
          runId,
          workflowId,
          best,
          rungs,
          model,
          report,
          reportPath: (await saveReport(context, result)).page,
        };
      },
      async text(result) {
        const saved = await saveReport(context, result);
        return `\n${sweepText(result)}\n\n${renderTable(saved.report)}\n\nrun     ${result.runId}\nmodel   ${result.model.name}@${result.model.version}  ${result.model.digest}\nreport  ${saved.page}`;
      },
    },
  );
}

/** The ranking of every rung, and the training settings of the winner. */
export function sweepText({ rungs, trials, best }: Pick<SweepResult, 'rungs' | 'trials' | 'best'>): string {
  const settings = (trial: number): Record<string, unknown> => ({
    ...trials.find((each) => each.trial === trial)?.training,
  });
  const names = Object.keys(settings(0)).filter(
    (name) =>
      new Set(trials.map(({ training }) => JSON.stringify(training[name as keyof typeof training]))).size > 1,
  );
  const rows = rungs.flatMap((rung, r) =>
    rung.map(({ trial, share, score: reached, goesOn }) => [
      `${r + 1}`,
      `${trial}`,
      ...names.map((name) => JSON.stringify(settings(trial)[name])),
      `${(100 * share).toFixed(0)} %`,
      reached === null ? 'failed' : score(reached),
      goesOn ? 'goes on' : 'stopped',
    ]),
  );
  return `${table(['rung', 'trial', ...names, 'of training', 'macro-F1 (valid)', ''], rows).trimStart()}\n\nbest: trial ${best.trial}, trained in full`;
}

/**
 * Adds a dimension to the search space. `learningRate=1e-5..1e-4:log` is a range and `epochs=1,2,4` a list. A
 * value is parsed as JSON if possible; otherwise it is text.
 */
function varied(input: Record<string, unknown>, text: string): void {
  const [, name, rest = ''] = /^([A-Za-z]\w*)=(.+)$/s.exec(text) ?? [];
  if (name === undefined)
    throw new AppError(
      'INPUT_INVALID',
      `--vary must be setting=min..max, setting=min..max:log or setting=a,b,c, such as learningRate=1e-5..1e-4:log. Got ${JSON.stringify(text)} instead.`,
    );
  const range = /^([^,]+)\.\.([^,:]+)(:log)?$/.exec(rest);
  if (range === null) return assign(input, ['space', name], { values: rest.split(',').map(valueOf) });
  const [min, max] = [Number(range[1]), Number(range[2])];
  // A range between two integers contains integers only.
  const integer = [range[1], range[2]].every((end) => /^\d+$/.test(end ?? ''));
  assign(input, ['space', name], {
    min,
    max,
    ...(range[3] && { scale: 'log' }),
    ...(integer && { integer }),
  });
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
