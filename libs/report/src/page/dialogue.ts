import { scoreText } from '../number-text.ts';
import type { StudyError } from '../study/study-error.ts';
import { escapeHtml } from '../table.ts';

/** Wrong decisions, each with its dialogue in a collapsed section. */
export function errorsHtml(errors: readonly StudyError[]): string {
  return errors
    .map(({ exampleId, label, probability, fold, did, dialogue }) => {
      const truth = label === 1 ? 'initiative' : 'no initiative';
      const turns = dialogue
        .map(({ role, text }) => `<li class="${role}"><b>${role}</b> ${escapeHtml(text)}</li>`)
        .join('\n');
      const next = `<li class="next"><b>next, the system</b> ${escapeHtml(did === '' ? truth : `${truth}: ${did}`)}</li>`;
      return `<details class="error"><summary><code>${escapeHtml(exampleId)}</code> P(initiative) ${scoreText(probability)}, truth: ${truth}, fold ${fold}</summary>\n<ol class="dialogue">${turns}\n${next}</ol></details>`;
    })
    .join('\n');
}
