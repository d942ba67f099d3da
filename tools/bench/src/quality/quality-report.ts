interface Scores {
  readonly macroF1: number;
  readonly auc: number | null;
  readonly perClass: {
    readonly initiative: { readonly precision: number | null; readonly recall: number | null };
  };
}

/** The used members of the output of `overture train --json`. */
export interface TrainAnswer {
  readonly report: Scores & {
    readonly corpus: string;
    readonly protocol: string;
    readonly split: string;
    readonly n: number;
    readonly ci95: { readonly macroF1: readonly [number, number] };
    readonly threshold: Scores & { readonly value: number };
    readonly floors: readonly (Scores & { readonly name: string })[];
  };
}

/** The scores of one training. */
export interface QualityRow {
  readonly seed: number;
  readonly classWeights: string;
  readonly answer: TrainAnswer;
}

/** The page `docs/results/quality.md`. */
export function qualityReport(rows: readonly QualityRow[]): string {
  const [first] = rows as readonly [QualityRow];
  const { corpus, protocol, split, n, floors: baselines } = first.answer.report;
  const weighted = rows
    .filter(({ classWeights }) => classWeights !== 'none')
    .map(({ answer }) => answer.report.macroF1);
  const mean = weighted.reduce((sum, score) => sum + score, 0) / weighted.length;
  const line = (name: string, scores: Scores, rest: readonly string[]): string => {
    const { precision, recall } = scores.perClass.initiative;
    return `| ${[name, scores.macroF1.toFixed(4), shown(scores.auc), shown(precision), shown(recall), ...rest].join(' | ')} |`;
  };
  return `# Quality on ${corpus}

Written by \`npm run bench -- quality\`: \`overture train --base minilm\` with its defaults, protocol ${protocol}, scored on the split ${split} (n = ${n}) at
threshold 0.5. The split also chose the threshold in the last column, so that column flatters; with ${n} examples an interval is about ±0.05 wide, and
only grouped folds with paired tests tell small differences apart.

| class weights, seed | macro-F1 | AUC | precision | recall | 95 % interval of macro-F1 | at the tuned threshold |
|---|---|---|---|---|---|---|
${rows.map(({ seed, classWeights, answer: { report } }) => line(`${classWeights}, ${seed}`, report, [report.ci95.macroF1.map((end) => end.toFixed(3)).join('–'), report.threshold.macroF1.toFixed(4)])).join('\n')}
${baselines.map((baseline) => line(`floor: ${baseline.name}`, baseline, ['', ''])).join('\n')}

* Mean of the ${weighted.length} weighted runs: **${mean.toFixed(4)}**.
`;
}

function shown(score: number | null): string {
  return score === null ? '–' : score.toFixed(3);
}
