import type { StudySummary } from '@overture/metrics';
import { countText, intervalText, scoreText, shareText } from '../../number-text.ts';
import { columnsOf, type Table } from '../../table.ts';

type Arm = StudySummary['arms'][number];

/** The arm's title, with a mark on the best arm. */
export function armTitle(
  { name, title }: Pick<Arm, 'name' | 'title'>,
  { best }: Pick<StudySummary, 'best'>,
): string {
  return name === best ? `${title} (best)` : title;
}

/** Every arm with the main scores. */
export function armTable(study: StudySummary): Table {
  return {
    caption: 'All arms at 0.5 (intervals: 95 %, bootstrap over conversations)',
    columns: columnsOf(
      'Arm',
      'macro-F1',
      'interval',
      'AUC',
      'interval',
      'average precision',
      'balanced accuracy',
      'MCC',
      'Brier',
      'ECE',
    ),
    rows: study.arms.map((arm) => [
      armTitle(arm, study),
      scoreText(arm.macroF1),
      intervalText(arm.ci95?.macroF1),
      scoreText(arm.auc),
      intervalText(arm.ci95?.auc),
      scoreText(arm.averagePrecision),
      scoreText(arm.balancedAccuracy),
      scoreText(arm.mcc),
      scoreText(arm.brier),
      scoreText(arm.ece),
    ]),
  };
}

/** The effect of the thresholds that each fold tuned on its inner validation split. */
export function tunedTable(study: StudySummary): Table {
  return {
    caption: 'All arms at the thresholds that each fold tuned on its inner validation',
    columns: columnsOf(
      'Arm',
      'macro-F1',
      'interval',
      'balanced accuracy',
      'recall of initiative',
      'interval',
      'precision of initiative',
    ),
    rows: study.arms.map((arm) => {
      const {
        macroF1,
        balancedAccuracy,
        perClass: { initiative },
        ci95,
      } = arm.tuned;
      return [
        armTitle(arm, study),
        scoreText(macroF1),
        intervalText(ci95?.macroF1),
        scoreText(balancedAccuracy),
        scoreText(initiative.recall),
        intervalText(ci95?.perClass.initiative.recall),
        scoreText(initiative.precision),
      ];
    }),
  };
}

const classes = [
  ['initiative', 'Initiative'],
  ['noInitiative', 'No initiative'],
] as const;
const classScores = ['precision', 'recall', 'f1'] as const;

/** Precision, recall and F1, one table per class. */
export function armClassTables(study: StudySummary): Table[] {
  return classes.map(([name, title]) => ({
    caption: `${title}, at 0.5`,
    columns: columnsOf('Arm', 'precision', 'interval', 'recall', 'interval', 'F1', 'interval'),
    rows: study.arms.map((arm) => [
      armTitle(arm, study),
      ...classScores.flatMap((score) => [
        scoreText(arm.perClass[name][score]),
        intervalText(arm.ci95?.perClass[name][score]),
      ]),
    ]),
  }));
}

/** The confusion matrix of each arm. */
export function armConfusionTable(study: StudySummary): Table {
  return {
    caption: 'Decisions at 0.5, all folds and seeds together',
    columns: columnsOf(
      'Arm',
      'found (initiative)',
      'missed (initiative)',
      'needless (no initiative)',
      'rightly silent (no initiative)',
      'unreadable answers',
    ),
    rows: study.arms.map((arm) => {
      const { tp, fn, fp, tn } = arm.confusion;
      return [
        armTitle(arm, study),
        ...[tp, fn, fp, tn].map(countText),
        arm.unparsable === 0 ? '0' : `${countText(arm.unparsable)} (${shareText(arm.unparsable, arm.n)})`,
      ];
    }),
  };
}

/** The effect of chance, in training and in the choice of conversations. */
export function seedTable(study: StudySummary): Table {
  return {
    caption:
      'Macro-F1 at 0.5 by seed; standard deviation between seeds, and standard error from conversations (bootstrap)',
    columns: [
      { name: 'Arm' },
      { name: 'by seed' },
      { name: 'between seeds', numeric: true },
      { name: 'from conversations', numeric: true },
    ],
    rows: study.arms
      .filter(({ family }) => family !== 'floor')
      .map((arm) => [
        armTitle(arm, study),
        arm.seeds.map(({ seed, macroF1 }) => `${seed}: ${scoreText(macroF1)}`).join(', '),
        scoreText(arm.seedDeviation),
        scoreText(arm.conversationDeviation),
      ]),
  };
}
