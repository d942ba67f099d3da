import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { baselineTable } from '@overture/baselines';
import { counterRandom, shuffled } from '@overture/core';
import {
  defaultProtocol,
  examplesOf,
  labelingRules,
  parseRuleName,
  resolveTagSet,
  systemTurnsOf,
  takesInitiative,
  type Conversation,
  type LabelingRuleName,
} from '@overture/dialogue';
import { evaluateScores } from '@overture/metrics';
import { writeReport } from '../write-report.ts';
import { readTagged, relabeled, writeCorpus, type TaggedCorpus } from './tagged-corpus.ts';
import {
  weakLabelsReport,
  type Agreement,
  type CurvePoint,
  type TrainedRow,
  type TrainReport,
} from './weak-labels-report.ts';

/** Options of the weak-label measurement. */
export interface WeakLabelsOptions {
  readonly corpus: string;
  readonly bases: readonly string[];
  /** Numbers of labeled conversations on the learning curve; the full number is added. */
  readonly sizes: readonly number[];
  readonly seeds: number;
  /**
   * A base model that is also trained on each size of the learning curve. Without one, the curve has only
   * TF-IDF.
   */
  readonly curveBase: string | undefined;
  /** Rules that models are trained on. Agreement is measured for all rules. */
  readonly rules: readonly string[];
  readonly out: string;
}

const run = promisify(execFile);
const cli = join(import.meta.dirname, '..', '..', '..', '..', 'apps', 'cli', 'bin', 'overture.mjs');
const rule = { protocol: defaultProtocol, tagSet: resolveTagSet() } as const;
const names = Object.keys(labelingRules) as LabelingRuleName[];
/** Number of subsets behind each point of the TF-IDF curve. */
const draws = 5;

/**
 * Hides the tags of a corpus and labels it by rules. Measures the rules' agreement with the tags. Compares a
 * model trained on rule labels with one trained on tags; both are scored on the tags of the split valid,
 * which neither saw. Also measures how scores grow with the number of labels.
 */
export async function measureWeakLabels({
  corpus,
  bases,
  sizes,
  seeds,
  rules,
  curveBase,
  out,
}: WeakLabelsOptions): Promise<void> {
  const tagged = await readTagged(corpus);
  const agreements = names.map((name) => agreementOf(name, [...tagged.train, ...tagged.valid]));
  const curve = [...sizes, tagged.train.length].map((size) => tfidfPoint(tagged, size));
  const scratch = await mkdtemp(join(tmpdir(), 'overture-weak-labels-'));
  const rows: TrainedRow[] = [];
  const points: CurvePoint[] = [];
  try {
    for (const base of bases) {
      for (let seed = 0; seed < seeds; seed++) {
        for (const labels of ['tags' as const, ...rules.map(parseRuleName)]) {
          const train = labels === 'tags' ? tagged.train : relabeled(tagged.train, labels);
          rows.push({
            base,
            labels,
            seed,
            report: await trained(
              await writeCorpus(join(scratch, labels), { train, test: tagged.valid }),
              base,
              seed,
            ),
          });
          process.stderr.write(
            `${base}, ${labels}, seed ${seed}: macro-F1 ${rows.at(-1)!.report.macroF1.toFixed(4)}\n`,
          );
        }
      }
    }
    for (const size of curveBase === undefined ? [] : sizes) {
      const { macroF1 } = await trained(
        await writeCorpus(join(scratch, `${size}`), {
          train: subset(tagged.train, size, 0),
          test: tagged.valid,
        }),
        curveBase!,
        0,
      );
      points.push({ size, macroF1 });
      process.stderr.write(`${curveBase}, ${size} conversations: macro-F1 ${macroF1.toFixed(4)}\n`);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  await writeReport(
    out,
    weakLabelsReport({
      args: [
        `--corpus ${corpus}`,
        ...bases.map((base) => `--base ${base}`),
        `--rules ${rules.join(',')}`,
        ...(curveBase === undefined ? [] : [`--curve-base ${curveBase}`]),
        `--seeds ${seeds}`,
      ].join(' '),
      conversations: tagged.train.length,
      agreements,
      rows,
      curve,
      points,
      base: curveBase,
    }),
  );
}

/** Trains through the command line, as a user would. Existing runs are reused. */
async function trained(corpus: string, base: string, seed: number): Promise<TrainReport> {
  const args = [
    'train',
    '--corpus',
    corpus,
    '--base',
    base,
    '--name',
    'weak-labels',
    '--set',
    'evaluation.split=test',
    '--set',
    `training.seed=${seed}`,
    '--json',
  ];
  const { stdout } = await run(process.execPath, [cli, ...args], { maxBuffer: 2 ** 26 });
  return (JSON.parse(stdout) as { readonly report: TrainReport }).report;
}

function agreementOf(name: LabelingRuleName, conversations: readonly Conversation[]): Agreement {
  const turns = conversations
    .flatMap((each) => systemTurnsOf(each, rule.protocol))
    .filter(({ turn }) => turn.labeled);
  const scores = evaluateScores(
    {
      labels: turns.map(({ turn }) => Number(takesInitiative(turn, rule.tagSet))),
      probabilities: turns.map(({ turn }) => Number(labelingRules[name].takesInitiative(turn.text))),
      groups: turns.map(({ conversationId }) => conversationId),
    },
    { bootstrap: { samples: 2_000, seed: 0 } },
  );
  return { name, title: labelingRules[name].title, scores };
}

function subset(conversations: readonly Conversation[], size: number, draw: number): Conversation[] {
  return shuffled(conversations, counterRandom(draw, 'learning-curve')).slice(0, size);
}

/** TF-IDF with balanced weights on this many conversations, over several draws. */
function tfidfPoint(
  { train, valid }: TaggedCorpus,
  size: number,
): CurvePoint & { readonly examples: number; readonly spread: number } {
  const examples = valid.flatMap((each) => examplesOf(each, rule));
  const tfidf = baselineTable.find(({ name }) => name === 'tfidfBalanced')!;
  const scores = Array.from({ length: size === train.length ? 1 : draws }, (_, draw) => {
    const learned = subset(train, size, draw).flatMap((each) => examplesOf(each, rule));
    const probabilities = tfidf.fit(learned)(examples);
    return {
      macroF1: evaluateScores(
        {
          labels: examples.map(({ label }) => label),
          probabilities,
          groups: examples.map(({ conversationId }) => conversationId),
        },
        { bootstrap: false },
      ).macroF1,
      examples: learned.length,
    };
  });
  const mean = (of: (score: (typeof scores)[number]) => number): number =>
    scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
  const values = scores.map(({ macroF1 }) => macroF1);
  return {
    size,
    macroF1: mean(({ macroF1 }) => macroF1),
    examples: Math.round(mean((score) => score.examples)),
    spread: Math.max(...values) - Math.min(...values),
  };
}
