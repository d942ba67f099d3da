import { describe, expect, it } from 'vitest';
import {
  renderStudyHtml,
  renderStudyMarkdown,
  renderStudyTable,
  studyAnswers,
  type StudyError,
} from '../index.ts';
import { raggedRows } from '../ragged-rows.fixture.ts';
import { exampleStudy } from './example-study.fixture.ts';
import { studyCaveats, studyHeadline } from './study-findings.ts';
import { aboutStudy } from './study-title.ts';
import { priceText } from './tables/price-tables.ts';

const study = exampleStudy();
const hostile = '<script>alert("x")</script> & so';
const worstErrors: StudyError[] = [
  {
    exampleId: 'c1#0',
    label: 1,
    probability: 0.04,
    fold: 2,
    did: 'information request',
    dialogue: [{ role: 'user', text: hostile }],
  },
];
const html = renderStudyHtml(study, { worstErrors });
const markdown = renderStudyMarkdown(study);

describe('the answers of a study', () => {
  const answers = studyAnswers(study);
  it('claim a difference only where the corrected p allows it, and say which way', () => {
    expect(answers.map(({ question, verdict }) => [question, verdict])).toEqual([
      ['Do weights of the classes help?', 'undecided'],
      ['Is anything better than TF-IDF?', 'yes'],
      ['Is reading answers better than a head?', 'no'],
      ['Does the history of acts help?', 'unanswered'],
    ]);
    expect(answers[0]?.text).toMatch(
      /^"Encoder, balanced weights" cannot be told from "Encoder, unweighted" in macro-F1: \+0\.\d{3} \(−0\.\d{3} to 0\.\d{3}\), p = 0\.\d{3}, after Holm's correction over 3 contrasts p = 0\.\d{3}\./,
    );
    expect(answers[2]?.text).toContain('"Language model, answers read" is BELOW "Encoder, balanced weights"');
    expect(answers[3]?.text).toBe('history was left out: the budget of 2 hours was used up.');
  });

  it('say where the best was chosen on the same predictions, and where seeds may say otherwise', () => {
    expect(answers[1]?.text).toContain(
      'It was chosen as the best of 3 on these same predictions: interval and p hold for all of them at once. Had it been named beforehand: ',
    );
    expect(answers[0]?.text).toMatch(
      /Chance in the trainings alone moves this difference by about ±0\.\d{3}: other seeds may say otherwise\.$/,
    );
    expect(answers[1]?.text).not.toContain('other seeds');
  });

  it('do not say AUC of who only decides', () => {
    expect(answers[1]?.text).toContain('In other numbers: AUC +');
    expect(answers[2]?.text).toContain('In other numbers: recall of initiative −');
  });
});

describe('headline and caveats', () => {
  it('say which arm is best, on what, and what must be known', () => {
    expect(studyHeadline(study)).toMatch(
      /^The best of 5 arms is "Encoder, balanced weights": macro-F1 0\.\d{3} \(95 % interval .*\) at threshold 0\.5, on \d+ examples from 120 conversations in 4 folds/,
    );
    const alone = { ...study, arms: study.arms.filter(({ name }) => name === study.best) };
    expect(studyHeadline(alone)).toMatch(/^The only arm is "Encoder, balanced weights": /);
    expect(aboutStudy(alone)).toMatch(/· 1 arm in 4 folds$/);
    expect(studyHeadline(exampleStudy({ arms: exampleStudyBaselines(), contrasts: [] }))).toMatch(
      /^No arm but floors took part/,
    );
    expect(studyCaveats(study)).toEqual([
      'Planned and left out: history (the budget of 2 hours was used up).',
      expect.stringMatching(
        /^Of the answers of "Language model, answers read" \d\.\d % \(\d+ of \d+\) could not be read; they count as "no initiative"\.$/,
      ),
      'At 0.5 "Never" never predicts initiative.',
      'Trained or asked under one seed only, so that chance there is not known: "Language model, answers read".',
      expect.stringContaining('resample whole conversations'),
    ]);
  });
});

describe('weak labels', () => {
  const labels = 'weak, by rule `question`';
  const sentence = `The labels are ${labels}. Scores measure agreement with the rule, not with people.`;
  const weak = exampleStudy({ provenance: { corpus: 'sha256:cc', labels } });

  it('are named on the page, in Markdown and in the terminal', () => {
    expect(studyCaveats(weak)[0]).toBe(sentence);
    for (const text of [renderStudyHtml(weak), renderStudyMarkdown(weak), renderStudyTable(weak)])
      expect(text.replaceAll(/&#96;|\\`/g, '`')).toContain(sentence);
    expect(renderStudyTable(study)).not.toContain('The labels are');
  });
});

describe('the page', () => {
  it('needs and runs nothing, and gives equal bytes for equal studies', () => {
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)|\son\w+=/i);
    expect(renderStudyHtml(JSON.parse(JSON.stringify(study)), { worstErrors })).toBe(html);
  });

  it('shows every arm, contrast, part, price and source', () => {
    for (const words of [
      'aria-label="Macro-F1 with 95 % intervals',
      'All arms at 0.5',
      'Planned contrasts',
      'Do weights of the classes help?',
      'By system turn',
      'Share of right decisions at 0.5 by what the system did',
      'Cost of 100 decisions',
      '90.0 min',
      '2.00 GiB',
      '1,234,567',
      'sha256:bb',
      'sha256:cc',
      'Calibration of Encoder, balanced weights',
      'information request',
    ])
      expect(html.replaceAll('&#39;', "'")).toContain(words);
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('keeps ids apart, and describes every picture', () => {
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(html.match(/<svg /g)!.length - html.match(/<svg width="28"/g)!.length).toBe(
      html.match(/<svg role="img" aria-label="[^"]+"/g)!.length,
    );
  });

  it('shows text of the corpus as text', () => {
    expect(html).toContain('&#60;script&#62;');
  });
});

describe('Markdown and text', () => {
  it('have words and numbers, and no text of the corpus', () => {
    for (const text of [markdown, renderStudyTable(study)]) {
      expect(text).toContain('The best of 5 arms');
      expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
    }
    for (const caption of [
      'All arms at 0.5',
      'Planned contrasts in macro-F1',
      'The same contrasts in other numbers',
      'Macro-F1 at 0.5 by seed',
      'Initiative, at 0.5',
      'Decisions at 0.5',
      'by system turn',
      'Cost of 100 decisions',
      'What each arm took',
      'Provenance',
    ])
      expect(markdown).toContain(caption);
  });

  it('have as many cells in each row as its header', () => {
    expect(raggedRows(markdown)).toEqual([]);
  });
});

describe('priceText', () => {
  it('writes the smaller price as one', () => {
    expect([0.1, 0.25, 0.5, 0.75, 0.9].map(priceText)).toEqual(['1 : 9', '1 : 3', '1 : 1', '3 : 1', '9 : 1']);
  });
});

function exampleStudyBaselines() {
  const trainings = [
    {
      seed: 0,
      probabilities: Array<number>(study.examples).fill(0),
      thresholds: Array<number>(study.examples).fill(0.5),
    },
  ];
  return [{ name: 'alwaysNo', title: 'Always "no"', family: 'floor' as const, hard: true, trainings }];
}
