import { describe, expect, it } from 'vitest';
import { caveats, baselineFindings, headline, renderTable } from './index.ts';
import { exampleReport } from './example-report.fixture.ts';

const report = exampleReport();

describe('headline', () => {
  it('says the number, its interval, on what, and what it means', () => {
    expect(headline(report)).toMatch(
      /^Macro-F1 0\.\d{3} \(95 % interval 0\.\d{3} to 0\.\d{3}\) on 120 examples from 60 conversations of split "valid", at threshold 0\.5: it finds [\d.]+ % of the initiatives, and [\d.]+ % of those it predicts are right\.$/,
    );
  });
});

describe('floorFindings', () => {
  it('claims a difference only where the paired interval excludes zero', () => {
    const [above, undecided, below, ...more] = baselineFindings(report);
    expect(above).toMatch(
      /^In macro-F1 the model is above always "no" \(\+0\.\d{3}, 0\.\d{3} to 0\.\d{3}\)\.$/,
    );
    expect(undecided).toMatch(
      /^No difference in macro-F1 was detected from twin \(.*; the two intervals overlap\)\.$/,
    );
    expect(below).toMatch(/^In macro-F1 the model is BELOW oracle \(−0\.\d{3}, −0\.\d{3} to −0\.\d{3}\)\.$/);
    expect(more).toEqual([]);
  });

  it('does not call a model better than itself', () => {
    const { labels, probabilities } = { labels: [0, 1, 0, 1], probabilities: [0.1, 0.9, 0.6, 0.4] };
    const same = exampleReport({
      labels,
      probabilities,
      groups: undefined,
      systemTurns: [0, 0, 0, 0],
      floors: [{ name: 'self', probabilities }],
    });
    expect(baselineFindings(same)).toEqual([
      expect.stringMatching(
        /^No difference in macro-F1 was detected from self \(0\.000, 0\.000 to 0\.000; the two intervals overlap\)\.$/,
      ),
    ]);
  });
});

describe('caveats', () => {
  it('says what the split was also used for, and nothing of the kind where it was not', () => {
    const optimistic =
      'Split "valid" also chose the checkpoint and the threshold of this model, so its scores here are optimistic: confirm them on data that chose nothing.';
    expect(caveats(report)).toContain(optimistic);
    expect(caveats(exampleReport({ alsoUsedFor: [] })).join(' ')).not.toContain('optimistic');
  });

  it('warns of one class, of constant decisions, and of missing floors', () => {
    const silent = caveats(
      exampleReport({ labels: Array(120).fill(0), probabilities: Array(120).fill(0.1), floors: [] }),
    );
    expect(silent).toContain(
      'No floor was computed: nothing here shows that the model is better than a rule.',
    );
    expect(silent).toContain(
      'All examples are "no initiative": macro-F1 cannot pass 0.5 and AUC does not exist.',
    );
    expect(silent).toContain('At 0.5 the model never predicts initiative.');
    expect(caveats(exampleReport({ probabilities: Array(120).fill(0.9) }))).toContain(
      'At 0.5 the model always predicts initiative.',
    );
  });

  it('names weak labels, and only these', () => {
    const labels =
      'weak, by rule `question`; on MSDialog this rule agrees with human labels at macro-F1 0.76';
    const sentence = `The labels are ${labels}. Scores measure agreement with the rule, not with people.`;
    expect(caveats(exampleReport({ provenance: { labels } }))[0]).toBe(sentence);
    expect(caveats(report).join(' ')).not.toContain('The labels are');
    expect(renderTable(exampleReport({ provenance: { labels } }))).toContain(`• ${sentence}`);
  });

  it('says how little a small gap means', () => {
    expect(caveats(report).at(-1)).toMatch(
      /^Macro-F1 is known to about ±0\.\d{3}: on this much data a smaller gap to a model measured elsewhere means nothing\.$/,
    );
  });
});
