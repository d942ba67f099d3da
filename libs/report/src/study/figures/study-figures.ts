import type { ArmReport, StudyReport } from '@overture/metrics';
import { calibrationOf } from '../../plots/calibration-figure.ts';
import type { Figure } from '../../plots/figure.ts';
import { intervalsOf } from '../../plots/interval-figure.ts';
import { precisionRecallOf } from '../../plots/precision-recall-figure.ts';
import { rocOf } from '../../plots/roc-figure.ts';
import { partsFigure } from '../../plots/turn-figure.ts';
import { shownArms } from '../shown-arms.ts';
import { contrastTitle } from '../tables/contrast-tables.ts';
import { hasMacroF1, partTable, slicings } from '../tables/part-tables.ts';

const longestLine = 38;

/** Macro-F1 of every arm. */
export function armFigure({ arms, best }: StudyReport): Figure {
  return intervalsOf({
    id: 'arms',
    title: 'Macro-F1 of all arms',
    number: 'macro-F1',
    within: [0, 1],
    longestLine,
    rows: arms.map(({ name, title, macroF1, ci95 }) => ({
      name: title,
      value: macroF1,
      ci95: ci95?.macroF1,
      shown: name === best,
    })),
  });
}

/** The planned contrasts relative to zero; null if none has a value. */
export function contrastFigure(study: StudyReport): Figure | null {
  const rows = study.contrasts.flatMap((contrast) => {
    const { value, ci95, holm } = contrast.macroF1;
    return value === null
      ? []
      : [{ name: contrastTitle(contrast, study), value, ci95, shown: holm !== null && holm <= 0.05 }];
  });
  return rows.length === 0
    ? null
    : intervalsOf({
        id: 'contrasts',
        title: 'Planned contrasts',
        number: 'difference in macro-F1',
        rows,
        within: [-1, 1],
        mark: 0,
        longestLine,
      });
}

/** The curves of the displayed arms. */
export function curveFigures(study: StudyReport): (Figure | null)[] {
  const arms = shownArms(study, ({ curves }) => curves !== null);
  const named = arms.map(({ title, auc, averagePrecision, curves, color, mark }) => ({
    name: title,
    auc,
    averagePrecision,
    color,
    mark,
    roc: curves?.roc ?? [],
    // At recall 0, precision depends on a handful of examples.
    precisionRecall: curves?.precisionRecall.filter(({ recall }) => recall > 0) ?? [],
  }));
  return [precisionRecallOf(named, study.initiative / study.examples), rocOf(named)];
}

/** The calibration of the displayed arms. */
export function calibrationFigures(study: StudyReport): Figure[] {
  return shownArms(study, ({ curves }) => curves !== null).map(({ name, title, ece, curves }) =>
    calibrationOf({
      id: `calibration-${name}`,
      title: `Calibration of ${title}`,
      name: 'arm',
      ece,
      bins: (curves as NonNullable<ArmReport['curves']>).calibration,
    }),
  );
}

/**
 * The best arm in each part of the examples; the tables contain all arms. Parts with one class only have no
 * plot.
 */
export function partFigures(study: StudyReport): Figure[] {
  const shown = study.best ?? study.arms[0]?.name;
  return slicings(study)
    .filter(({ parts }) => hasMacroF1(parts))
    .map((slicing, i) =>
      partsFigure({
        id: `parts-${i}`,
        by: slicing.by,
        table: partTable(slicing, study),
        parts: slicing.parts.flatMap(({ name, initiative, examples, arms }) => {
          const own = arms.find(({ arm }) => arm === shown);
          return own?.macroF1 === undefined || own.macroF1 === null
            ? []
            : [{ name, macroF1: own.macroF1, ci95: own.ci95, rate: initiative / examples }];
        }),
      }),
    );
}
