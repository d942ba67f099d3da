import type { LegendEntry } from '../plots/svg-plot.ts';
import { escapeHtml } from '../table.ts';

const dashes: Readonly<Record<LegendEntry['mark'], string | null>> = {
  solid: '',
  dashed: ' stroke-dasharray="6 4"',
  dotted: ' stroke-dasharray="2 3"',
  dot: null,
};

/** The marks of a plot with their meaning. In HTML the text can wrap, unlike in a legend inside the plot. */
export function legendHtml(entries: readonly LegendEntry[]): string {
  const items = entries.map(({ name, color, mark }) => {
    const dash = dashes[mark];
    const shape =
      dash === null
        ? `<circle cx="14" cy="6" r="5" fill="${color}"/>`
        : `<line x1="0" y1="6" x2="28" y2="6" stroke="${color}" stroke-width="2.5"${dash}/>`;
    return `<li><svg width="28" height="12" aria-hidden="true">${shape}</svg> ${escapeHtml(name)}</li>`;
  });
  return `<ul class="legend">${items.join('')}</ul>`;
}
