import type { ArmReport, StudyReport } from '@overture/metrics';
import { answersHtml } from '../page/answers.ts';
import { confusionMatrix } from '../page/confusion-matrix.ts';
import { errorsHtml } from '../page/dialogue.ts';
import { figureHtml, pictureHtml } from '../page/figure-html.ts';
import { htmlPage, listHtml, sectionsHtml } from '../page/html-page.ts';
import { studyStyle } from '../page/study-style.ts';
import { tilesHtml } from '../page/tiles.ts';
import type { Figure } from '../plots/figure.ts';
import { escapeHtml, tableToHtml, type Table } from '../table.ts';
import { provenanceTable } from '../tables/provenance-table.ts';
import { priceFigure } from './figures/price-figure.ts';
import {
  armFigure,
  calibrationFigures,
  contrastFigure,
  curveFigures,
  partFigures,
} from './figures/study-figures.ts';
import { shownArms } from './shown-arms.ts';
import { studyAnswers, studyCaveats, studyHeadline } from './study-findings.ts';
import type { StudyRenderOptions } from './study-error.ts';
import { armClassTables, armConfusionTable, armTable, seedTable, tunedTable } from './tables/arm-tables.ts';
import { contrastTables } from './tables/contrast-tables.ts';
import { hasMacroF1, partTable, slicings } from './tables/part-tables.ts';
import { effortTable } from './tables/price-tables.ts';
import { sourceTable } from './tables/source-table.ts';
import { aboutStudy, studyTitle } from './study-title.ts';

/** The study as one self-contained HTML page. Equal studies produce equal bytes. */
export function renderStudyHtml(study: StudyReport, { worstErrors = [] }: StudyRenderOptions = {}): string {
  const best = study.arms.find(({ name }) => name === study.best);
  const [effort, sources] = [effortTable(study), sourceTable(study)];
  return htmlPage(
    studyTitle(study),
    [
      `<p class="about">${escapeHtml(aboutStudy(study))}</p>`,
      `<p class="headline">${escapeHtml(studyHeadline(study))}</p>`,
      best ? tilesHtml(best) : '',
      answersHtml(studyAnswers(study)),
      listHtml(studyCaveats(study), 'notes'),
      sectionsHtml([
        ['Arms', openFigure(armFigure(study)) + tables([armTable(study), tunedTable(study)])],
        [
          'Planned contrasts',
          study.contrasts.length === 0
            ? ''
            : openFigure(contrastFigure(study)) + tables(contrastTables(study)),
        ],
        ['Chance', tables([seedTable(study)])],
        ['By class', tables(armClassTables(study))],
        [
          'Decisions',
          `<div class="matrices">${shownArms(study)
            .map(({ title, confusion }: ArmReport) => confusionMatrix(confusion, title))
            .join('')}</div>${tables([armConfusionTable(study)])}`,
        ],
        ['Curves', figures([...curveFigures(study), ...calibrationFigures(study)])],
        [
          'Parts of the examples',
          partsNote(best) +
            figures(partFigures(study)) +
            tables(
              slicings(study)
                .filter(({ parts }) => !hasMacroF1(parts))
                .map((slicing) => partTable(slicing, study)),
            ),
        ],
        ['What errors cost', openFigure(priceFigure(study)) + tables([priceFigure(study).table])],
        ['What the arms took', effort ? tables([effort]) : ''],
        [`Worst errors${best ? ` of ${escapeHtml(best.title)}` : ''}`, errorsHtml(worstErrors)],
        [
          'Provenance',
          `<div class="provenance">${tables([provenanceTable(study)])}${sources ? `<details><summary>Every training by digest</summary>${tableToHtml(sources)}</details>` : ''}</div>`,
        ],
      ]),
    ],
    studyStyle,
  );
}

function partsNote(best: ArmReport | undefined): string {
  return best
    ? `<p class="about">Pictures show "${escapeHtml(best.title)}"; the numbers are those of every arm.</p>`
    : '';
}

function tables(all: readonly Table[]): string {
  return all.map(tableToHtml).join('\n');
}

function figures(all: readonly (Figure | null)[]): string {
  return all.some((each) => each !== null)
    ? `<div class="figures">${all.map(figureHtml).join('\n')}</div>`
    : '';
}

/** A plot whose table is shown beside it rather than collapsed. */
function openFigure(figure: Figure | null): string {
  return figure ? `<figure>\n${pictureHtml(figure.plot)}\n</figure>\n` : '';
}
