import type { Conversation } from '../conversation.ts';
import { dialogueTags, type DialogueTag } from '../dialogue-tag.ts';
import type { Example } from '../example.ts';
import type { ExampleCount, SplitSummary, TurnSummary } from './corpus-summary.ts';
import { wordCount } from '../word-count.ts';
import { LengthTally } from './length-tally.ts';
import { assumedMaxLength, estimatedTokens, tokensAround } from './token-estimate.ts';

/** Number of system turns counted separately; later ones are counted with the last of these. */
const turnsApart = 10;

/** Counts the conversations and examples of one split, in constant memory. */
export class SplitTally {
  #conversations = 0;
  #utterances = 0;
  #probablyTruncated = 0;
  readonly #labelSources: Record<string, number> = {};
  readonly #turns: { examples: number; initiative: number }[] = [];
  readonly #tags = new Map<DialogueTag, number>();
  readonly #lengths = {
    utterances: new LengthTally(),
    historyWords: new LengthTally(),
    historyCharacters: new LengthTally(),
  };

  /**
   * Adds a conversation.
   * @param lengths of the examples' histories, from `historyLengths`
   */
  add(conversation: Conversation, examples: readonly Example[], lengths: readonly HistoryLength[]): void {
    this.#conversations++;
    this.#utterances += conversation.utterances.length;
    this.#lengths.utterances.add(conversation.utterances.length);
    for (const example of examples) this.#addExample(example);
    for (const { words, characters, tokens } of lengths) {
      if (tokens > assumedMaxLength) this.#probablyTruncated++;
      this.#lengths.historyWords.add(words);
      this.#lengths.historyCharacters.add(characters);
    }
  }

  summary(): Omit<SplitSummary, 'name'> {
    const counted = this.#turns.map((turn) => turn ?? { examples: 0, initiative: 0 });
    const examples = counted.reduce((sum, turn) => sum + turn.examples, 0);
    const initiative = counted.reduce((sum, turn) => sum + turn.initiative, 0);
    const { utterances, historyWords, historyCharacters } = this.#lengths;
    return {
      conversations: this.#conversations,
      utterances: this.#utterances,
      ...countOf(examples, initiative),
      systemTags: Object.fromEntries(
        dialogueTags.flatMap((tag) => (this.#tags.has(tag) ? [[tag, this.#tags.get(tag)]] : [])),
      ),
      byTurn: counted.map((turn, i): TurnSummary => ({
        systemTurn: i,
        andLater: i === turnsApart - 1,
        ...countOf(turn.examples, turn.initiative),
      })),
      lengths: {
        utterances: utterances.summary(),
        historyWords: historyWords.summary(),
        historyCharacters: historyCharacters.summary(),
      },
      probablyTruncated: this.#probablyTruncated,
      labelSources: { ...this.#labelSources },
    };
  }

  #addExample({ systemTurn, label, tags, labelSource }: Example): void {
    if (labelSource !== undefined)
      this.#labelSources[labelSource] = (this.#labelSources[labelSource] ?? 0) + 1;
    const i = Math.min(systemTurn, turnsApart - 1);
    while (this.#turns.length <= i) this.#turns.push({ examples: 0, initiative: 0 });
    const turn = this.#turns[i] as { examples: number; initiative: number };
    turn.examples++;
    turn.initiative += label;
    for (const tag of tags) this.#tags.set(tag, (this.#tags.get(tag) ?? 0) + 1);
  }
}

/** The length of an example's history. */
export interface HistoryLength {
  readonly words: number;
  readonly characters: number;
  /** An estimate. */
  readonly tokens: number;
}

/**
 * The history lengths of one conversation's examples. Histories share their beginning, so each turn is
 * measured once.
 */
export function historyLengths(examples: readonly Example[]): HistoryLength[] {
  let [turns, words, characters, tokens] = [0, 0, 0, tokensAround];
  return examples.map(({ history }) => {
    for (; turns < history.length; turns++) {
      const text = history[turns]?.text ?? '';
      words += wordCount(text);
      characters += text.length;
      tokens += estimatedTokens(text.length);
    }
    return { words, characters, tokens };
  });
}

/** Example counts with the rate of initiative. */
export function countOf(examples: number, initiative: number): ExampleCount {
  return { examples, initiative, initiativeRate: examples === 0 ? 0 : initiative / examples };
}
