import type { Figure } from '../plots/figure.ts';
import { svgOf, type Plot } from '../plots/svg-plot.ts';
import { escapeHtml, tableToHtml } from '../table.ts';
import { legendHtml } from './legend.ts';

/** A plot with its legend. */
export function pictureHtml(plot: Plot): string {
  return `${svgOf(plot)}\n${plot.legend ? legendHtml(plot.legend) : ''}`;
}

/** A plot below its title, followed by its numbers in a collapsed section. Empty if there is no figure. */
export function figureHtml(figure: Figure | null): string {
  if (!figure) return '';
  return `<figure>\n<h3>${escapeHtml(figure.title)}</h3>\n${pictureHtml(figure.plot)}\n<details><summary>The numbers</summary>${tableToHtml(figure.table)}</details>\n</figure>`;
}
