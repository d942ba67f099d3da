import { metricTable, type EvaluationReport, type MetricName } from '@overture/metrics';
import { caveats, floorFindings, headline } from './findings.ts';
import { countText, intervalText, scoreText, shareText } from './number-text.ts';
import { confusionMatrix } from './page/confusion-matrix.ts';
import { legendHtml } from './page/legend.ts';
import { style } from './page/style.ts';
import type { Figure } from './plots/figure.ts';
import { figureTable } from './plots/figure-table.ts';
import { intervalFigure } from './plots/interval-figure.ts';
import { svgOf, type Plot } from './plots/svg-plot.ts';
import { turnFigure } from './plots/turn-figure.ts';
import { escapeHtml, tableToHtml } from './table.ts';
import { classTable } from './tables/class-table.ts';
import { crossValidationTables } from './tables/cross-validation-tables.ts';
import { errorTable } from './tables/error-table.ts';
import { floorTable } from './tables/floor-table.ts';
import { provenanceTable } from './tables/provenance-table.ts';
import { scoreTable } from './tables/score-table.ts';
import { titleOf } from './title.ts';
import type { RenderOptions } from './worst-error.ts';

const tileMetrics: readonly MetricName[] = ['macroF1', 'balancedAccuracy', 'auc', 'mcc'];

/** The report as one HTML page that needs nothing else: no scripts, no fonts, no network. Equal reports give equal bytes. */
export function renderHtml(report: EvaluationReport, options: RenderOptions = {}): string {
  const title = escapeHtml(titleOf(report, options));
  const sections: readonly [heading: string, content: string][] = [
    ['Model and floors', report.floors.length > 0 ? figureOf(intervalFigure(report)) + tableToHtml(floorTable(report)) : ''],
    ['Cross-validation', crossValidationTables(report).map(tableToHtml).join('\n')],
    ['Scores', tableToHtml(scoreTable(report)) + tableToHtml(classTable(report))],
    ['Confusion', `<div class="matrices">${matrices(report)}</div>`],
    ['Curves', `<div class="figures">${figureTable.map((figure) => figureOf(figure(report))).join('\n')}</div>`],
    ['By system turn', turnSection(report)],
    ['Worst errors', options.worstErrors?.length ? tableToHtml(errorTable(options.worstErrors)) : ''],
    ['Provenance', `<div class="provenance">${tableToHtml(provenanceTable(report))}</div>`],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="about">${escapeHtml(about(report))}</p>
<p class="headline">${escapeHtml(headline(report))}</p>
<ul class="tiles">${tileMetrics.map((name) => tile(report, name)).join('')}</ul>
${list(floorFindings(report))}
${list(caveats(report), 'notes')}
${sections.filter(([, content]) => content !== '').map(([heading, content]) => `<section>\n<h2>${heading}</h2>\n${content}\n</section>`).join('\n')}
</main>
</body>
</html>
`;
}

function about(report: EvaluationReport): string {
  const { initiative, noInitiative } = report.perClass;
  return `Protocol ${report.protocol}, tag set ${report.tagSet} · ${countText(report.n)} examples, ` +
    `${shareText(initiative.support, initiative.support + noInitiative.support)} with initiative`;
}

function tile(report: EvaluationReport, name: MetricName): string {
  return `<li><span>${escapeHtml(metricTable[name].label)}</span><b>${scoreText(report[name])}</b><span>${intervalText(report.ci95?.[name])}</span></li>`;
}

function list(items: readonly string[], name = 'findings'): string {
  return items.length === 0 ? '' : `<ul class="${name}">${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('\n')}</ul>`;
}

function matrices({ confusion, threshold }: EvaluationReport): string {
  const tuned = threshold.tunedOn === null ? '' : confusionMatrix(threshold.confusion, `${scoreText(threshold.value)}, tuned on ${threshold.tunedOn}`);
  return confusionMatrix(confusion, '0.5') + tuned;
}

/** Here the table is short enough to stand open. */
function turnSection(report: EvaluationReport): string {
  const figure = turnFigure(report);
  return figure ? `<figure class="narrow">\n${picture(figure.plot)}\n</figure>\n${tableToHtml(figure.table)}` : '';
}

function picture(plot: Plot): string {
  return `${svgOf(plot)}\n${plot.legend ? legendHtml(plot.legend) : ''}`;
}

function figureOf(figure: Figure | null): string {
  if (!figure) return '';
  return `<figure>\n<h3>${escapeHtml(figure.title)}</h3>\n${picture(figure.plot)}\n<details><summary>The numbers</summary>${tableToHtml(figure.table)}</details>\n</figure>`;
}
