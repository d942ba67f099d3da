import type { Conversation, SplitName } from '../conversation.ts';
import type { Example, LabelRule } from '../example.ts';
import { systemTurnsOf } from '../example.ts';
import { fingerprintsOf, type Fingerprint } from '../fingerprint.ts';
import type { CorpusProblem, CorpusProblemKind } from './corpus-summary.ts';

type ConversationProblemKind = Exclude<CorpusProblemKind, 'no-examples' | 'one-class'>;

interface ProblemText {
  readonly severity: CorpusProblem['severity'];
  readonly message: string;
}

/** What each problem means and what to do about it. */
const texts: Readonly<Record<ConversationProblemKind, ProblemText>> = {
  'duplicate-id': {
    severity: 'error',
    message: 'Conversations must have different ids, and some ids occur twice. Rename one of each pair.',
  },
  'leaked-conversation': {
    severity: 'warning',
    message: 'The same conversation stands in two splits, so that scores on the second are too good. Remove one copy.',
  },
  'leaked-opening': {
    severity: 'warning',
    message: 'Conversations of two splits open with the same text. Check whether they are copies, and move them to one split.',
  },
  'duplicate-conversation': {
    severity: 'warning',
    message: 'The same conversation stands twice in a split and counts twice. Remove one copy.',
  },
  'unlabelled-turn': {
    severity: 'warning',
    message: 'System turns with neither tags nor initiative give no example. Label them, or leave them if they are meant as context only.',
  },
  'empty-text': { severity: 'note', message: 'User utterances without text.' },
  'conversation-without-example': {
    severity: 'note',
    message: 'Conversations that give no example: no labelled system turn follows a user turn.',
  },
};

const samplesKept = 5;

/** Collects what is wrong with a corpus; keeps three numbers and an id for every conversation, and no text. */
export class ProblemTally {
  readonly #found = new Map<ConversationProblemKind, { count: number; samples: string[] }>();
  readonly #ids = new Set<string>();
  readonly #wholes = new Map<Fingerprint, Sighting>();
  readonly #openings = new Map<Fingerprint, Sighting>();

  add(conversation: Conversation & { readonly split: SplitName }, examples: readonly Example[], { protocol }: LabelRule): void {
    const { id, split, utterances } = conversation;
    if (this.#ids.has(id)) this.#report('duplicate-id', id);
    this.#ids.add(id);
    this.#addCopies(conversation);
    if (examples.length === 0) this.#report('conversation-without-example', id);
    const unlabelled = systemTurnsOf(conversation, protocol).length - examples.length;
    if (unlabelled > 0) this.#report('unlabelled-turn', id, unlabelled);
    const empty = utterances.filter(({ role, text }) => role === 'user' && text.trim() === '').length;
    if (empty > 0) this.#report('empty-text', `${split} ${id}`, empty);
  }

  #report(kind: ConversationProblemKind, sample: string, count = 1): void {
    const found = this.#found.get(kind) ?? { count: 0, samples: [] };
    this.#found.set(kind, found);
    found.count += count;
    if (found.samples.length < samplesKept) found.samples.push(sample);
  }

  /** Errors first. */
  problems(): CorpusProblem[] {
    return (Object.keys(texts) as ConversationProblemKind[]).flatMap((kind) => {
      const found = this.#found.get(kind);
      return found ? [{ kind, ...texts[kind], ...found }] : [];
    });
  }

  #addCopies(conversation: Conversation & { readonly split: SplitName }): void {
    const here = { id: conversation.id, split: conversation.split };
    const { whole, opening } = fingerprintsOf(conversation);
    const twin = this.#wholes.get(whole);
    if (twin) this.#report(twin.split === here.split ? 'duplicate-conversation' : 'leaked-conversation', pair(twin, here));
    else this.#wholes.set(whole, here);
    if (opening === undefined) return;
    const sibling = this.#openings.get(opening);
    if (sibling === undefined) this.#openings.set(opening, here);
    else if (sibling.split !== here.split && twin === undefined) this.#report('leaked-opening', pair(sibling, here));
  }
}

interface Sighting {
  readonly id: string;
  readonly split: SplitName;
}

function pair(a: Sighting, b: Sighting): string {
  return `${a.split} ${a.id} = ${b.split} ${b.id}`;
}
