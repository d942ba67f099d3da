import type { ArmReport, Contrast, StudyReport, StudySummary, TestedDifference } from '@overture/metrics';
import { labelCaveats, listed } from '../findings.ts';
import { countText, intervalText, marginText, pText, scoreText, shareText } from '../number-text.ts';

/** A corrected p below this level indicates a difference. */
const level = 0.05;

/** A question of a study, with the answer from the numbers. */
export interface Answer {
  readonly question: string;
  readonly verdict: 'yes' | 'no' | 'undecided' | 'unanswered';
  readonly text: string;
}

/** The displayed text of each verdict. */
export const answerWords: Readonly<Record<Answer['verdict'], string>> = {
  yes: 'Yes',
  no: 'No, the other way round',
  undecided: 'No difference detected',
  unanswered: 'Not answered',
};

/** Which arm is best, on which data, and what that means. */
export function studyHeadline(study: StudySummary): string {
  const best = study.arms.find(({ name }) => name === study.best);
  const on = `${countText(study.examples)} examples from ${countText(study.bootstrap.groups)} conversations in ${study.folds} folds, each predicted by models that never saw its conversation`;
  if (best === undefined) return `No arm but floors took part, on ${on}.`;
  const which = study.arms.length === 1 ? 'The only arm' : `The best of ${study.arms.length} arms`;
  return (
    `${which} is "${best.title}": macro-F1 ${scoreText(best.macroF1)} (95 % interval ${intervalText(best.ci95?.macroF1)}) at threshold 0.5, on ${on}. ` +
    `It finds ${shareText(best.perClass.initiative.recall, 1)} of the initiatives, and ${shareText(best.perClass.initiative.precision, 1)} of those it predicts are right.`
  );
}

/**
 * The answers of the planned contrasts in the planned order, followed by those that could not be answered.
 */
export function studyAnswers(study: StudySummary): Answer[] {
  return [
    ...study.contrasts.map((contrast): Answer => {
      const verdict = verdictOf(contrast.macroF1);
      return { question: contrast.question, verdict, text: contrastText(contrast, verdict, study) };
    }),
    ...study.unanswered.map(({ question, reason }): Answer => ({
      question,
      verdict: 'unanswered',
      text: `${reason}.`,
    })),
  ];
}

/** The verdict on a planned contrast after the correction. */
export function verdictOf({ value, holm }: Contrast['macroF1']): Exclude<Answer['verdict'], 'unanswered'> {
  if (value === null || holm === null || holm > level) return 'undecided';
  return value > 0 ? 'yes' : 'no';
}

const relations = { yes: 'is above', no: 'is BELOW', undecided: 'cannot be told from' } as const;

function contrastText(
  { better, than, chosenAmong, unadjusted, macroF1, auc, initiativeRecall, ...rest }: Contrast,
  verdict: keyof typeof relations,
  study: StudySummary,
): string {
  const [a, b] = [armOf(study, better), armOf(study, than)];
  const correction =
    study.contrasts.length === 1
      ? ''
      : `, after Holm's correction over ${study.contrasts.length} contrasts p ${pWords(macroF1.holm)}`;
  const beforehand = unadjusted
    ? ` Had it been named beforehand: ${intervalText(unadjusted.ci95)}, p ${pWords(unadjusted.p)}.`
    : ''; // missing in reports of earlier versions
  const chosen =
    chosenAmong === null
      ? ''
      : ` It was chosen as the best of ${chosenAmong.length} on these same predictions: interval and p hold for all of them at once.${beforehand}`;
  const others = [
    ['AUC', auc],
    ['recall of initiative', initiativeRecall],
    ['macro-F1 at tuned thresholds', rest.tunedMacroF1],
  ] as const;
  return (
    `"${a.title}" ${relations[verdict]} "${b.title}" in macro-F1: ${differenceText(macroF1)}, p ${pWords(macroF1.p)}${correction}.${chosen} ` +
    `In other numbers: ${others
      .filter(([, { value }]) => value !== null)
      .map(([name, difference]) => `${name} ${differenceText(difference)}`)
      .join('; ')}.${noiseText(macroF1, [a, b])}`
  );
}

function differenceText(difference: TestedDifference): string {
  return `${marginText(difference)} (${intervalText(difference.ci95)})`;
}

function pWords(p: number | null): string {
  const text = pText(p);
  return text.startsWith('<') ? text : `= ${text}`;
}

/**
 * The effect that other seeds could have on a difference; the intervals cover only the choice of
 * conversations.
 */
function noiseText({ value }: TestedDifference, arms: readonly Omit<ArmReport, 'curves'>[]): string {
  const noise = Math.sqrt(
    arms.reduce((sum, { seedDeviation, seeds }) => sum + (seedDeviation ?? 0) ** 2 / seeds.length, 0),
  );
  if (value === null || noise === 0 || Math.abs(value) > 2 * noise) return '';
  return ` Chance in the trainings alone moves this difference by about ±${scoreText(noise)}: other seeds may say otherwise.`;
}

/** A study's summary, with the provenance of its page if available. */
export type ShownStudy = StudySummary & Partial<Pick<StudyReport, 'provenance'>>;

/** What a reader must know before quoting a number. */
export function studyCaveats(study: ShownStudy): string[] {
  const silent = study.arms.filter(({ confusion: { tp, fp } }) => tp + fp === 0);
  const once = study.arms.filter(
    ({ family, seeds }) => seeds.length === 1 && family !== 'floor' && family !== 'ensemble',
  );
  return [
    ...labelCaveats(study.provenance ?? {}),
    ...[...Map.groupBy(study.dropped, ({ reason }) => reason)].map(
      ([reason, left]) => `Planned and left out: ${listed(left.map(({ arm }) => arm))} (${reason}).`,
    ),
    ...study.arms
      .filter(({ unparsable }) => unparsable > 0)
      .map(
        ({ title, unparsable, n }) =>
          `Of the answers of "${title}" ${shareText(unparsable, n)} (${countText(unparsable)} of ${countText(n)}) could not be read; they count as "no initiative".`,
      ),
    ...(silent.length > 0
      ? [
          `At 0.5 ${listed(silent.map(({ title }) => `"${title}"`))} never predict${silent.length > 1 ? '' : 's'} initiative.`,
        ]
      : []),
    ...(once.length > 0
      ? [
          `Trained or asked under one seed only, so that chance there is not known: ${listed(once.map(({ title }) => `"${title}"`))}.`,
        ]
      : []),
    'Intervals and p-values are about conversations of this corpus: both resample whole conversations, with all their examples under all seeds.',
  ];
}

function armOf(study: StudySummary, name: string): StudySummary['arms'][number] {
  return study.arms.find((arm) => arm.name === name) as StudySummary['arms'][number];
}
