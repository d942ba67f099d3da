import type { StudySummary } from '@overture/metrics';
import { countText, shareText } from '../number-text.ts';

/** The title of a study. */
export function studyTitle({ corpus }: Pick<StudySummary, 'corpus'>): string {
  return `A study of system initiative on ${corpus}`;
}

/** The data and the size of a study, in one line. */
export function aboutStudy({ protocol, tagSet, examples, initiative, arms, folds }: StudySummary): string {
  return `Protocol ${protocol}, tag set ${tagSet} · ${countText(examples)} examples, ${shareText(initiative, examples)} with initiative · ${arms.length === 1 ? '1 arm' : `${arms.length} arms`} in ${folds} folds`;
}
