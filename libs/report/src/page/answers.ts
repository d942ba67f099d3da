import { answerWords, type Answer } from '../study/study-findings.ts';
import { escapeHtml } from '../table.ts';

/** Questions with their answers, verdict first. */
export function answersHtml(answers: readonly Answer[]): string {
  if (answers.length === 0) return '';
  const items = answers.map(
    ({ question, verdict, text }) =>
      `<dt>${escapeHtml(question)}</dt>\n<dd><b class="${verdict}">${answerWords[verdict]}.</b> ${escapeHtml(text)}</dd>`,
  );
  return `<dl class="answers">${items.join('\n')}</dl>`;
}
