import type { StudyReport } from '@overture/metrics';
import { escapeMarkdown, tableToMarkdown } from '../table.ts';
import { provenanceTable } from '../tables/provenance-table.ts';
import { answerWords, studyAnswers, studyCaveats, studyHeadline } from './study-findings.ts';
import { aboutStudy, studyTitle } from './study-title.ts';
import { armClassTables, armConfusionTable, armTable, seedTable, tunedTable } from './tables/arm-tables.ts';
import { contrastTables } from './tables/contrast-tables.ts';
import { partTable, slicings } from './tables/part-tables.ts';
import { effortTable, priceTable } from './tables/price-tables.ts';

/** The study as Markdown: sentences and numbers, without plots and without text of the corpus. */
export function renderStudyMarkdown(study: StudyReport): string {
  const effort = effortTable(study);
  const tables = [
    armTable(study),
    tunedTable(study),
    ...contrastTables(study),
    seedTable(study),
    ...armClassTables(study),
    armConfusionTable(study),
    ...slicings(study).map((slicing) => partTable(slicing, study)),
    priceTable(study),
    ...(effort ? [effort] : []),
    provenanceTable(study),
  ];
  const answers = studyAnswers(study).map(
    ({ question, verdict, text }) =>
      `**${escapeMarkdown(question)}** ${answerWords[verdict]}. ${escapeMarkdown(text)}`,
  );
  return `${[
    `# ${escapeMarkdown(studyTitle(study))}`,
    escapeMarkdown(aboutStudy(study)),
    escapeMarkdown(studyHeadline(study)),
    ...answers,
    studyCaveats(study)
      .map((item) => `* ${escapeMarkdown(item)}`)
      .join('\n'),
    ...tables.map(tableToMarkdown),
  ].join('\n\n')}\n`;
}
