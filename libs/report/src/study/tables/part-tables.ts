import type { StudyReport, StudySlice } from '@overture/metrics';
import { countText, scoreText, shareText } from '../../number-text.ts';
import { columnsOf, type Table } from '../../table.ts';
import { armTitle } from './arm-tables.ts';

/** The ways in which the examples are divided, each with its parts. */
export function slicings({
  slices,
}: StudyReport): { readonly by: string; readonly parts: readonly StudySlice[] }[] {
  return [...new Set(slices.map(({ by }) => by))].map((by) => ({
    by,
    parts: slices.filter((slice) => slice.by === by),
  }));
}

/** Whether any part contains both classes and therefore has a macro-F1. */
export function hasMacroF1(parts: readonly StudySlice[]): boolean {
  return parts.some(({ arms }) => arms.some(({ macroF1 }) => macroF1 !== null));
}

/** Every arm in every part. For parts with one class only, the share of correct decisions. */
export function partTable({ by, parts }: ReturnType<typeof slicings>[number], study: StudyReport): Table {
  const macro = hasMacroF1(parts);
  return {
    caption: `${macro ? 'Macro-F1' : 'Share of right decisions'} at 0.5 by ${by}`,
    columns: columnsOf('Arm', ...parts.map(({ name }) => name)),
    rows: [
      ['examples', ...parts.map(({ examples }) => countText(examples))],
      ['with initiative', ...parts.map(({ initiative, examples }) => shareText(initiative, examples))],
      ...study.arms.map((arm) => [
        armTitle(arm, study),
        ...parts.map(({ arms }) => {
          const found = arms.find(({ arm: name }) => name === arm.name);
          return scoreText((macro ? found?.macroF1 : found?.accuracy) ?? null);
        }),
      ]),
    ],
  };
}
