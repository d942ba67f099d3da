import type { CrossValidation, EvaluationReport, PartScores } from '@overture/metrics';
import { countText, intervalText, marginText, pText, scoreText } from '../number-text.ts';
import { columnsOf, type Table } from '../table.ts';

/**
 * The tables of a cross-validation: its tests against the baselines, and the effect of seeds and folds. Empty
 * for other reports.
 */
export function crossValidationTables({ crossValidation }: EvaluationReport): Table[] {
  return crossValidation === undefined
    ? []
    : [testTable(crossValidation), seedTable(crossValidation), foldTable(crossValidation)];
}

function testTable({ tests }: CrossValidation): Table {
  return {
    caption:
      'Model against floors of the same folds, at 0.5 (p: paired bootstrap over conversations, two-sided; McNemar: the largest p of the seeds)',
    columns: columnsOf(
      'floor',
      'macro-F1 margin',
      '95 % interval',
      'p',
      'AUC margin',
      '95 % interval',
      'p',
      'McNemar p',
    ),
    rows: tests.map(({ title, macroF1, auc, mcnemar }) => [
      title,
      marginText(macroF1),
      intervalText(macroF1.ci95),
      pText(macroF1.p),
      marginText(auc),
      intervalText(auc.ci95),
      pText(auc.p),
      pText(Math.max(...mcnemar.map(({ p }) => p))),
    ]),
  };
}

const partColumns = ['examples', 'macro-F1', 'AUC', 'balanced accuracy', 'initiative recall'] as const;

function partCells({ n, macroF1, auc, balancedAccuracy, initiativeRecall }: PartScores): string[] {
  return [
    countText(n),
    scoreText(macroF1),
    scoreText(auc),
    scoreText(balancedAccuracy),
    scoreText(initiativeRecall),
  ];
}

function seedTable({ seeds }: CrossValidation): Table {
  return {
    caption: 'By seed of the training, at 0.5',
    columns: columnsOf('seed', ...partColumns),
    rows: seeds.map((part) => [String(part.seed), ...partCells(part)]),
  };
}

function foldTable({ folds }: CrossValidation): Table {
  return {
    caption: "By fold, at 0.5 (threshold: tuned on the fold's inner validation)",
    columns: columnsOf('fold, seed', ...partColumns, 'threshold'),
    rows: folds.map((part) => [`${part.fold}, ${part.seed}`, ...partCells(part), scoreText(part.threshold)]),
  };
}
