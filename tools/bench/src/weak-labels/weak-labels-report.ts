import type { Scores } from '@overture/metrics';

/** The agreement of a rule with human labels. */
export interface Agreement {
  readonly name: string;
  readonly title: string;
  readonly scores: Scores;
}

/** The used members of the output of `overture train --json`. */
export interface TrainReport {
  readonly macroF1: number;
  readonly auc: number | null;
  readonly n: number;
  readonly perClass: {
    readonly initiative: { readonly precision: number | null; readonly recall: number | null };
  };
  readonly ci95: { readonly macroF1: readonly [number, number] };
  readonly floors: readonly {
    readonly name: string;
    readonly macroF1: number;
    readonly auc: number | null;
  }[];
}

/** A training on tags or on the labels of a rule. */
export interface TrainedRow {
  readonly base: string;
  readonly labels: string;
  readonly seed: number;
  readonly report: TrainReport;
}

/** A point of the learning curve. */
export interface CurvePoint {
  /** Number of labeled conversations. */
  readonly size: number;
  readonly macroF1: number;
}

/** The measurements of the weak-label report. */
export interface WeakLabelsResults {
  /** The arguments that reproduce it. */
  readonly args: string;
  readonly conversations: number;
  readonly agreements: readonly Agreement[];
  readonly rows: readonly TrainedRow[];
  readonly curve: readonly (CurvePoint & { readonly examples: number; readonly spread: number })[];
  readonly points: readonly CurvePoint[];
  /** The base model of `points`. */
  readonly base: string | undefined;
}

/** The page `docs/results/weak-labels.md`. */
export function weakLabelsReport({
  args,
  conversations,
  agreements,
  rows,
  curve,
  points,
  base,
}: WeakLabelsResults): string {
  const shown = (score: number | null, digits = 3): string => (score === null ? '–' : score.toFixed(digits));
  const tfidf = rows
    .filter(({ base: name, seed }) => name === rows[0]?.base && seed === 0)
    .map(({ labels, report }) => ({
      labels,
      ...report.floors.find(({ name }) => name === 'tfidfBalanced')!,
    }));
  return `# Weak labels

Written by \`npm run bench -- weak-labels ${args}\`. The tags of MSDialog are hidden, a rule labels the system's turns from their own words,
and both are compared. Protocol cikm23, tag set cikm23-5. The official test split is never read.

## Do the rules agree with people?

On all ${agreements[0]?.scores.n.toLocaleString('en-US')} labeled system turns of the splits train and valid. A rule reads the system's turn itself; a predictor does not have it.

| rule | macro-F1 | 95 % interval | accuracy | precision of initiative | recall of initiative |
|---|---|---|---|---|---|
${agreements
  .map(
    ({
      name,
      scores: {
        macroF1,
        accuracy,
        ci95,
        perClass: { initiative },
      },
    }) =>
      `| \`${name}\` | ${shown(macroF1)} | ${ci95?.macroF1?.map((end) => shown(end)).join('–') ?? '–'} | ${shown(accuracy)} | ${shown(initiative.precision)} | ${shown(initiative.recall)} |`,
  )
  .join('\n')}

## Is a model trained on weak labels worse?

Each model is trained on the ${conversations.toLocaleString('en-US')} conversations of the split train, with tags or with weak labels, and chooses its epoch and threshold on a tenth of them with the
same kind of labels. All are scored on the tags of the split valid (n = ${rows[0]?.report.n ?? 0}), which no training saw, at threshold 0.5.

| model | labels | seed | macro-F1 | 95 % interval | AUC | precision | recall |
|---|---|---|---|---|---|---|---|
${tfidf.map(({ labels, macroF1, auc }) => `| TF-IDF, balanced | ${labels} | | ${shown(macroF1)} | | ${shown(auc)} | | |`).join('\n')}
${rows
  .map(
    ({
      base: name,
      labels,
      seed,
      report: {
        macroF1,
        auc,
        ci95,
        perClass: { initiative },
      },
    }) =>
      `| ${name} | ${labels} | ${seed} | ${shown(macroF1)} | ${ci95.macroF1.map((end) => shown(end)).join('–')} | ${shown(auc)} | ${shown(initiative.precision)} | ${shown(initiative.recall)} |`,
  )
  .join('\n')}

## How many labels are enough?

Scores on the tags of the split valid after training on the tags of so many conversations. TF-IDF: mean over five draws, with the range between the best and the
worst draw.${base === undefined ? '' : ` ${base}: one draw, one seed.`}

| conversations | examples | TF-IDF, balanced | range | ${base ?? 'other model'} |
|---|---|---|---|---|
${curve.map(({ size, examples, macroF1, spread }) => `| ${size} | ${examples} | ${shown(macroF1)} | ${spread === 0 ? '' : shown(spread)} | ${shown(points.find((point) => point.size === size)?.macroF1 ?? rows.find((row) => row.base === base && row.labels === 'tags' && size === conversations)?.report.macroF1 ?? null)} |`).join('\n')}
`;
}
