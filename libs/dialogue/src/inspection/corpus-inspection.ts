import { splitNames, type Conversation, type SplitName } from '../conversation.ts';
import { labeledExamples, systemTurnsOf, type LabelRule } from '../example.ts';
import type { Corpus } from '../open-corpus.ts';
import { defaultProtocol } from '../protocol.ts';
import { planSplits, withSplits, type SplitOptions, type SplitPlan } from '../split-plan.ts';
import { resolveTagSet } from '../tag-set.ts';
import type { CorpusProblem, CorpusSummary } from './corpus-summary.ts';
import { ProblemTally } from './problem-tally.ts';
import { splitProblems, truncationProblems, weakLabelProblems } from './split-problems.ts';
import { historyLengths, SplitTally } from './split-tally.ts';

/** Options of `inspectCorpus`. */
export interface InspectOptions extends SplitOptions {
  readonly rule?: LabelRule;
  readonly signal?: AbortSignal;
  /** Called after each conversation with the number read so far. */
  readonly onProgress?: (conversations: number) => void;
}

const severities: readonly CorpusProblem['severity'][] = ['error', 'warning', 'note'];

/**
 * Summarizes a corpus while another reader, such as ingestion, iterates over it: `add` every conversation,
 * and then call `summary`.
 */
export class CorpusInspection {
  readonly #corpus: Corpus;
  readonly #rule: LabelRule;
  readonly #splitBy: SplitPlan['kind'];
  readonly #splits = new Map<SplitName, SplitTally>();
  readonly #total = new SplitTally();
  readonly #problems = new ProblemTally();

  constructor(corpus: Corpus, rule: LabelRule, plan: SplitPlan) {
    this.#corpus = corpus;
    this.#rule = rule;
    this.#splitBy = plan.kind;
  }

  add(conversation: Conversation & { readonly split: SplitName }): void {
    const systemTurns = systemTurnsOf(conversation, this.#rule.protocol);
    const examples = labeledExamples(systemTurns, this.#rule.tagSet);
    const split = this.#splits.get(conversation.split) ?? new SplitTally();
    this.#splits.set(conversation.split, split);
    const lengths = historyLengths(examples);
    split.add(conversation, examples, lengths);
    this.#total.add(conversation, examples, lengths);
    this.#problems.add(conversation, systemTurns);
  }

  summary(): CorpusSummary {
    const splits = splitNames.flatMap((name) => {
      const tally = this.#splits.get(name);
      return tally ? [{ name, ...tally.summary() }] : [];
    });
    const total = this.#total.summary();
    return {
      path: this.#corpus.path,
      format: this.#corpus.format,
      protocol: this.#rule.protocol,
      tagSet: this.#rule.tagSet,
      splitBy: this.#splitBy,
      splits,
      total,
      problems: [
        ...splitProblems(splits, this.#splitBy),
        ...this.#corpus.notices.map((message): CorpusProblem => ({
          kind: 'file-left-out',
          severity: 'warning',
          count: 1,
          message,
          samples: [],
        })),
        ...this.#problems.problems(),
        ...weakLabelProblems(total),
        ...truncationProblems(total),
      ].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity)),
    };
  }
}

/**
 * Reads and summarizes a whole corpus.
 * @throws AppError `CORPUS_…` if it cannot be read; readable oddities are listed in `problems`
 */
export async function inspectCorpus(corpus: Corpus, options: InspectOptions = {}): Promise<CorpusSummary> {
  const { rule = { protocol: defaultProtocol, tagSet: resolveTagSet() }, signal, onProgress } = options;
  const plan = await planSplits(corpus, options);
  const inspection = new CorpusInspection(corpus, rule, plan);
  let read = 0;
  for await (const conversation of withSplits(corpus.conversations({ signal }), plan)) {
    inspection.add(conversation);
    onProgress?.(++read);
  }
  return inspection.summary();
}
