import { metricTable, type ArmScores } from '@overture/metrics';
import { intervalText, scoreText } from '../number-text.ts';
import { escapeHtml } from '../table.ts';

const shown = ['macroF1', 'balancedAccuracy', 'auc', 'mcc'] as const;

/** The most important scores, in large type. */
export function tilesHtml(scores: Pick<ArmScores, (typeof shown)[number] | 'ci95'>): string {
  const tile = (name: (typeof shown)[number]): string =>
    `<li><span>${escapeHtml(metricTable[name].label)}</span><b>${scoreText(scores[name])}</b><span>${intervalText(scores.ci95?.[name])}</span></li>`;
  return `<ul class="tiles">${shown.map(tile).join('')}</ul>`;
}
