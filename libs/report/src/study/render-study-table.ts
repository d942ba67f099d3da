import { tableToText } from '../table.ts';
import { answerWords, studyAnswers, studyCaveats, studyHeadline, type ShownStudy } from './study-findings.ts';
import { studyTitle } from './study-title.ts';
import { armTable } from './tables/arm-tables.ts';
import { contrastTables } from './tables/contrast-tables.ts';

/**
 * Arms, contrasts and answers as plain text for a terminal. A study's summary suffices. With its provenance,
 * label caveats are added.
 */
export function renderStudyTable(study: ShownStudy): string {
  return [
    studyTitle(study),
    studyHeadline(study),
    tableToText(armTable(study)),
    ...contrastTables(study).slice(0, 1).map(tableToText),
    studyAnswers(study)
      .map(({ question, verdict, text }) => `? ${question}\n  ${answerWords[verdict]}. ${text}`)
      .join('\n'),
    studyCaveats(study)
      .map((line) => `• ${line}`)
      .join('\n'),
  ].join('\n\n');
}
