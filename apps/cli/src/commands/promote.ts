import { PromoteInput, type PromoteResult } from '@overture/contracts';
import { checkRequest } from '../check-request.ts';
import type { CliContext } from '../context.ts';
import { runCommand, type RunCommandOptions } from '../run-command.ts';
import { saveReport } from '../save-report.ts';
import { table } from '../output/table.ts';
import { score } from '../output/format.ts';
import { withRegistry } from '../with-registry.ts';
import { checkedInput, workflowInput, type TrainInputOptions } from '../train-input.ts';

/** Options of `overture promote`. */
export interface PromoteOptions extends Omit<TrainInputOptions, 'name' | 'base'>, RunCommandOptions {
  readonly split?: string;
  readonly alias?: string;
}

/**
 * `overture promote MODEL`. With `--json`, prints one object: runId, workflowId, model, version, alias,
 * promoted, previous, decision, comparison, reportPath.
 */
export async function promote(context: CliContext, model: string, options: PromoteOptions): Promise<void> {
  const { split, alias } = options;
  const given = await workflowInput(options, context.cwd);
  const input = checkedInput(
    { ...given, model, ...(split !== undefined && { split }), ...(alias !== undefined && { alias }) },
    options,
    { workflow: 'promoteModel', schema: PromoteInput },
  );
  await checkRequest(context, 'promoteModel', input);
  // This needs only the database: an unknown model is reported before Temporal and a worker start.
  await withRegistry(context, ({ registry }) => registry.getModel(model));
  await runCommand<PromoteResult>(
    context,
    { workflow: 'promoteModel', input, name: `promote-${model.replaceAll('@', '-')}` },
    options,
    {
      json: async (result) => {
        const { artifacts: _report, ...shown } = result;
        return { ...shown, reportPath: (await saveReport(context, result)).page };
      },
      async text(result) {
        const saved = await saveReport(context, result);
        return `${promotionText(result)}\n\nrun     ${result.runId}\nreport  ${saved.page}`;
      },
    },
  );
}

/** The decision, who made it, and the numbers behind it. */
export function promotionText({
  model,
  version,
  alias,
  promoted,
  previous,
  decision,
  comparison,
}: PromoteResult): string {
  const who = decision.decidedBy === 'rule' ? 'the rule' : (decision.by ?? 'a person');
  const verdict = promoted
    ? `${model}@${version} is ${model}@${alias} now${previous === null ? '' : `, in place of version ${previous}`}`
    : `${model}@${version} was not promoted`;
  const rows = comparison.contests.map(({ title, macroF1: { value, ci95, p }, won }) => [
    title,
    value === null ? '–' : `${value > 0 ? '+' : ''}${score(value)}`,
    ci95 === null ? '–' : `${score(ci95[0])} to ${score(ci95[1])}`,
    p === null ? '–' : score(p),
    won ? 'better' : 'not better',
  ]);
  return [
    table(['against', 'macro-F1 lead', '95 % interval', 'p', 'verdict'], rows).trimStart(),
    ...(comparison.shortcomings.length > 0
      ? ['', ...comparison.shortcomings.map((each) => `• ${each}`)]
      : []),
    '',
    `${verdict}: decided by ${who}${decision.reason === null ? '' : `, "${decision.reason}"`}.`,
  ].join('\n');
}
