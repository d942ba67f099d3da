import { basename } from 'node:path';
import { hasHtml } from '../convert/plain-text.ts';
import { commonShare, OpeningCounts } from '../common-openings.ts';
import type { Conversation, SourcePosition, SplitName } from '../conversation.ts';
import type { SystemTurn } from '../example.ts';
import { fingerprintsOf, type Fingerprint, type Fingerprints } from '../fingerprint.ts';
import type { CorpusProblem, CorpusProblemKind } from './corpus-summary.ts';

type ConversationProblemKind = Exclude<
  CorpusProblemKind,
  'no-examples' | 'one-class' | 'few-of-a-class' | 'file-left-out' | 'weak-labels' | 'truncated'
>;

interface ProblemText {
  readonly severity: CorpusProblem['severity'];
  readonly message: string;
}

/** The meaning of each problem, and what to do about it. */
const texts: Readonly<Record<ConversationProblemKind, ProblemText>> = {
  'duplicate-id': {
    severity: 'error',
    message:
      'Conversations must have different ids, and some ids occur twice (7 and "7" are one id). Rename one of each pair.',
  },
  'leaked-conversation': {
    severity: 'warning',
    message:
      'The same conversation is in two splits, so that scores on the second are too good. Remove one copy.',
  },
  'leaked-opening': {
    severity: 'warning',
    message:
      'The user opens conversations of two splits with the same words. Check whether they are copies, and move them to one split.',
  },
  'duplicate-conversation': {
    severity: 'warning',
    message: 'The same conversation occurs twice in a split and counts twice. Remove one copy.',
  },
  'unlabeled-turn': {
    severity: 'warning',
    message:
      'System turns with neither tags nor initiative give no example. Label them, or leave them if they are meant as context only.',
  },
  'mixed-roles': {
    severity: 'warning',
    message:
      'Whoever answers the user is called system in some conversations and assistant or agent in others. Each is read by its own words: check these, or use one word throughout.',
  },
  html: {
    severity: 'warning',
    message:
      'Texts have HTML tags or entities (<br>, &amp;), which a model reads as they are. Convert them to plain text: overture corpus convert with --html detect.',
  },
  'empty-text': {
    severity: 'warning',
    message: 'Utterances without text tell a model nothing. Leave them out, or fill in what was said.',
  },
  'system-prompt': {
    severity: 'note',
    message:
      'System prompts (the role system beside assistant or agent, or the role developer) are not part of a conversation and were left out.',
  },
  'common-opening': {
    severity: 'note',
    message: `The user's first words are the same in more than ${100 * commonShare} % of the conversations. They are not taken as a sign of copies when splits and folds are drawn.`,
  },
  'tag-set-unused': {
    severity: 'note',
    message: 'All labels are direct (initiative: true or false), so that the tag set is not used.',
  },
  'mixed-labels': {
    severity: 'note',
    message:
      'Some system turns are labeled directly (initiative) and others by tags. A direct label wins; the tag set decides the others.',
  },
  'conversation-without-example': {
    severity: 'note',
    message: 'Conversations that give no example: no labeled system turn follows a user turn.',
  },
};

const maxSamples = 5;

/**
 * Collects the problems of a corpus. For every conversation it keeps a few numbers, an id and a position, but
 * no text.
 */
export class ProblemTally {
  readonly #found = new Map<ConversationProblemKind, { count: number; samples: string[] }>();
  readonly #ids = new Map<string, SourcePosition | undefined>();
  readonly #wholes = new Map<Fingerprint, Sighting>();
  readonly #openings = new Map<Fingerprint, Sighting>();
  readonly #openingCounts = new OpeningCounts();
  readonly #openingLeaks = new Map<Fingerprint, { count: number; sample: string }>();
  readonly #labels = { direct: 0, tags: 0 };
  readonly #agentWords = { system: 0, agent: 0, both: 0 };
  #sampleOfSystem = '';

  add(conversation: Conversation & { readonly split: SplitName }, systemTurns: readonly SystemTurn[]): void {
    const { id, source, prompts, agentWords } = conversation;
    if (this.#ids.has(id)) this.#report('duplicate-id', twice(id, this.#ids.get(id), source));
    else this.#ids.set(id, source);
    this.#addCopies(conversation);
    this.#addLabels(id, systemTurns);
    this.#addTexts(conversation);
    if (prompts) this.#report('system-prompt', id, prompts);
    if (agentWords) this.#agentWords[agentWords]++;
    if (agentWords !== 'agent' && agentWords && this.#sampleOfSystem === '') this.#sampleOfSystem = id;
  }

  /** All problems, errors first. */
  problems(): CorpusProblem[] {
    const found = new Map(this.#found);
    const add = (kind: ConversationProblemKind, count: number, samples: string[]): unknown =>
      count > 0 && found.set(kind, { count, samples });
    const leaks = [...this.#openingLeaks]
      .filter(([opening]) => !this.#openingCounts.isCommon(opening))
      .map(([, leak]) => leak);
    add(
      'leaked-opening',
      leaks.reduce((sum, { count }) => sum + count, 0),
      leaks.slice(0, maxSamples).map(({ sample }) => sample),
    );
    const common = [...this.#openings].filter(([opening]) => this.#openingCounts.isCommon(opening));
    add(
      'common-opening',
      common.length,
      common.slice(0, maxSamples).map(([, { id }]) => id),
    );
    const { system, agent, both } = this.#agentWords;
    add('mixed-roles', both + (agent > 0 ? system : 0), [this.#sampleOfSystem]);
    const { direct, tags } = this.#labels;
    add(tags === 0 ? 'tag-set-unused' : 'mixed-labels', direct, []);
    return (Object.keys(texts) as ConversationProblemKind[]).flatMap((kind) => {
      const problem = found.get(kind);
      return problem ? [{ kind, ...texts[kind], ...problem }] : [];
    });
  }

  #report(kind: ConversationProblemKind, sample: string, count = 1): void {
    const found = this.#found.get(kind) ?? { count: 0, samples: [] };
    this.#found.set(kind, found);
    found.count += count;
    if (found.samples.length < maxSamples) found.samples.push(sample);
  }

  #addLabels(id: string, systemTurns: readonly SystemTurn[]): void {
    let unlabeled = 0;
    for (const { turn } of systemTurns) {
      if (!turn.labeled) unlabeled++;
      else if (turn.initiative === undefined) this.#labels.tags++;
      else this.#labels.direct++;
    }
    if (unlabeled > 0) this.#report('unlabeled-turn', id, unlabeled);
    if (unlabeled === systemTurns.length) this.#report('conversation-without-example', id);
  }

  #addTexts({ id, split, utterances }: Conversation & { readonly split: SplitName }): void {
    const lastOfUser = utterances.findLastIndex(({ role }) => role === 'user');
    let [empty, html] = [0, 0];
    utterances.forEach(({ role, text }, i) => {
      // A system utterance that no user utterance follows is never model input.
      if (text.trim() === '' && (role === 'user' || i < lastOfUser)) empty++;
      if (hasHtml(text)) html++;
    });
    if (empty > 0) this.#report('empty-text', `${split} ${id}`, empty);
    if (html > 0) this.#report('html', id, html);
  }

  #addCopies(conversation: Conversation & { readonly split: SplitName }): void {
    const here = { id: conversation.id, split: conversation.split };
    const fingerprints: Fingerprints = fingerprintsOf(conversation);
    const { whole, opening } = fingerprints;
    const twin = this.#wholes.get(whole);
    if (twin)
      this.#report(
        twin.split === here.split ? 'duplicate-conversation' : 'leaked-conversation',
        pair(twin, here),
      );
    else this.#wholes.set(whole, here);
    this.#openingCounts.add(fingerprints);
    if (opening === undefined) return;
    const sibling = this.#openings.get(opening);
    if (sibling === undefined) this.#openings.set(opening, here);
    else if (sibling.split !== here.split && twin === undefined) {
      const leak = this.#openingLeaks.get(opening);
      if (leak) leak.count++;
      else this.#openingLeaks.set(opening, { count: 1, sample: pair(sibling, here) });
    }
  }
}

function twice(id: string, first: SourcePosition | undefined, second: SourcePosition | undefined): string {
  if (!first || !second) return id;
  const place = ({ file, line }: SourcePosition): string =>
    first.file === second.file ? `${line}` : `${basename(file)}:${line}`;
  return first.file === second.file
    ? `${id} (lines ${place(first)} and ${place(second)})`
    : `${id} (${place(first)} and ${place(second)})`;
}

interface Sighting {
  readonly id: string;
  readonly split: SplitName;
}

function pair(a: Sighting, b: Sighting): string {
  return `${a.split} ${a.id} = ${b.split} ${b.id}`;
}
