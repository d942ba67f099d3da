import type { EvaluationSummary } from '@overture/contracts';
import { score } from './format.ts';
import { table } from './table.ts';

/** The scores of a model beside its floors, as a table for a terminal. */
export function reportTable(report: EvaluationSummary): string {
  const { threshold, floors } = report;
  type Row = Pick<EvaluationSummary, 'macroF1' | 'accuracy' | 'balancedAccuracy' | 'auc' | 'averagePrecision' | 'mcc' | 'perClass' | 'ci95'>;
  const row = (name: string, scores: Row): string[] => {
    const { initiative } = scores.perClass;
    const interval = scores.ci95?.macroF1;
    return [
      name, score(scores.macroF1), interval ? `${score(interval[0])}–${score(interval[1])}` : '', score(scores.accuracy), score(scores.balancedAccuracy),
      score(scores.auc), score(scores.averagePrecision), score(scores.mcc), score(initiative.precision), score(initiative.recall), score(initiative.f1),
    ];
  };
  const tuned = threshold.tunedOn === null ? [] : [row(`model at ${threshold.value.toFixed(2)} (tuned on ${threshold.tunedOn})`, threshold)];
  const rows = [row('model at 0.50', report), ...tuned, ...floors.map((floor) => row(`floor: ${floor.name}`, floor))];
  const heads = ['', 'macro-F1', '95 %', 'accuracy', 'balanced', 'AUC', 'AP', 'MCC', 'init. P', 'init. R', 'init. F1'];
  const { initiative, noInitiative } = report.perClass;
  return [
    `${report.corpus}, split ${report.split}: ${report.n} examples, ${initiative.support} with initiative, ${noInitiative.support} without (protocol ${report.protocol}, tags ${report.tagSet})`,
    '',
    table(heads, rows, 1),
    ...(report.alsoUsedFor.length > 0 ? ['', `This split also chose the model's ${report.alsoUsedFor.join(', ')}: its scores are somewhat optimistic.`] : []),
  ].join('\n');
}
