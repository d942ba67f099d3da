import type { EvaluationReport } from '@overture/metrics';
import { caveats, baselineFindings, headline } from './findings.ts';
import { countText, scoreText, shareText } from './number-text.ts';
import { confusionMatrix } from './page/confusion-matrix.ts';
import { figureHtml, pictureHtml } from './page/figure-html.ts';
import { htmlPage, listHtml, sectionsHtml } from './page/html-page.ts';
import { tilesHtml } from './page/tiles.ts';
import { figureTable } from './plots/figure-table.ts';
import { intervalFigure } from './plots/interval-figure.ts';
import { turnFigure } from './plots/turn-figure.ts';
import { escapeHtml, tableToHtml } from './table.ts';
import { classTable } from './tables/class-table.ts';
import { crossValidationTables } from './tables/cross-validation-tables.ts';
import { errorTable } from './tables/error-table.ts';
import { baselineTable } from './tables/baseline-table.ts';
import { provenanceTable } from './tables/provenance-table.ts';
import { scoreTable } from './tables/score-table.ts';
import { titleOf } from './title.ts';
import type { RenderOptions } from './worst-error.ts';

/**
 * The report as one self-contained HTML page without scripts, fonts or network access. Equal reports produce
 * equal bytes.
 */
export function renderHtml(report: EvaluationReport, options: RenderOptions = {}): string {
  const sections: readonly [heading: string, content: string][] = [
    [
      'Model and floors',
      report.floors.length > 0 ? figureHtml(intervalFigure(report)) + tableToHtml(baselineTable(report)) : '',
    ],
    ['Cross-validation', crossValidationTables(report).map(tableToHtml).join('\n')],
    ['Scores', tableToHtml(scoreTable(report)) + tableToHtml(classTable(report))],
    ['Confusion', `<div class="matrices">${matrices(report)}</div>`],
    [
      'Curves',
      `<div class="figures">${figureTable.map((figure) => figureHtml(figure(report))).join('\n')}</div>`,
    ],
    ['By system turn', turnSection(report)],
    ['Worst errors', options.worstErrors?.length ? tableToHtml(errorTable(options.worstErrors)) : ''],
    ['Provenance', `<div class="provenance">${tableToHtml(provenanceTable(report))}</div>`],
  ];
  return htmlPage(titleOf(report, options), [
    `<p class="about">${escapeHtml(about(report))}</p>`,
    `<p class="headline">${escapeHtml(headline(report))}</p>`,
    tilesHtml(report),
    listHtml(baselineFindings(report)),
    listHtml(caveats(report), 'notes'),
    sectionsHtml(sections),
  ]);
}

function about(report: EvaluationReport): string {
  const { initiative, noInitiative } = report.perClass;
  return (
    `Protocol ${report.protocol}, tag set ${report.tagSet} · ${countText(report.n)} examples, ` +
    `${shareText(initiative.support, initiative.support + noInitiative.support)} with initiative`
  );
}

function matrices({ confusion, threshold }: EvaluationReport): string {
  const tuned =
    threshold.tunedOn === null
      ? ''
      : confusionMatrix(
          threshold.confusion,
          `At ${scoreText(threshold.value)}, tuned on ${threshold.tunedOn}`,
        );
  return confusionMatrix(confusion, 'At 0.5') + tuned;
}

/** This table is short enough not to be collapsed. */
function turnSection(report: EvaluationReport): string {
  const figure = turnFigure(report);
  return figure
    ? `<figure class="narrow">\n${pictureHtml(figure.plot)}\n</figure>\n${tableToHtml(figure.table)}`
    : '';
}
