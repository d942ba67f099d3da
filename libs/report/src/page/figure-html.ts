import type { Figure } from '../plots/figure.ts';
import { svgOf, type Plot } from '../plots/svg-plot.ts';
import { escapeHtml, tableToHtml } from '../table.ts';
import { legendHtml } from './legend.ts';

/** A picture with its legend. */
export function pictureHtml(plot: Plot): string {
  return `${svgOf(plot)}\n${plot.legend ? legendHtml(plot.legend) : ''}`;
}

/** A picture under its title, its numbers folded away below; nothing where there is no figure. */
export function figureHtml(figure: Figure | null): string {
  if (!figure) return '';
  return `<figure>\n<h3>${escapeHtml(figure.title)}</h3>\n${pictureHtml(figure.plot)}\n<details><summary>The numbers</summary>${tableToHtml(figure.table)}</details>\n</figure>`;
}
