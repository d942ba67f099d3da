import { AppError, didYouMean } from '@overture/core';
import type { Utterance } from '../conversation.ts';
import { rulePrefix } from './label-source.ts';

/** A rule that guesses from the system's own words whether it takes the initiative. */
export interface LabelingRule {
  readonly title: string;
  readonly takesInitiative: (text: string) => boolean;
  /**
   * Agreement with human annotators on MSDialog's training and validation splits (3,290 system turns,
   * protocol cikm23, tag set cikm23-5). Measured by `npm run bench -- weak-labels`.
   */
  readonly onMsdialog: { readonly macroF1: number };
}

/** The rules by name. To add one: a row here, with its measured agreement. */
export const labelingRules = {
  question: {
    title: 'the system asks: its text has a question mark outside of links and code',
    takesInitiative: asks,
    onMsdialog: { macroF1: 0.76 },
  },
  'question-or-request': {
    title: 'the system asks, or requests information: "please provide …", "let me know which …"',
    takesInitiative: (text) => asks(text) || requests(text),
    onMsdialog: { macroF1: 0.77 },
  },
} as const satisfies Record<string, LabelingRule>;

/** The name of a labeling rule. */
export type LabelingRuleName = keyof typeof labelingRules;

/**
 * Parses the name of a labeling rule.
 * @throws AppError `LABELING_RULE_UNKNOWN`
 */
export function parseRuleName(name: string): LabelingRuleName {
  if (Object.hasOwn(labelingRules, name)) return name as LabelingRuleName;
  const known = Object.entries(labelingRules).map(([each, { title }]) => `${each} (${title})`);
  throw new AppError(
    'LABELING_RULE_UNKNOWN',
    `A labeling rule must be one of ${known.join('; ')}. Got ${JSON.stringify(name)} instead.${didYouMean(name, Object.keys(labelingRules))}`,
  );
}

/** Adds a weak label to each system utterance that has neither a label nor tags. */
export function labeledByRule(utterances: readonly Utterance[], name: LabelingRuleName): Utterance[] {
  return utterances.map((utterance) => {
    if (
      utterance.role !== 'system' ||
      utterance.initiative !== undefined ||
      (utterance.tags?.length ?? 0) > 0
    )
      return utterance;
    return {
      ...utterance,
      initiative: labelingRules[name].takesInitiative(utterance.text),
      labelSource: ruleSource(name),
    };
  });
}

function asks(text: string): boolean {
  const plain =
    text.includes('http') || text.includes('`')
      ? text.replace(/```[^]*?```|`[^`]*`|https?:\/\/\S+/g, ' ')
      : text;
  return /[?？؟]/.test(plain);
}

/** Polite imperatives that request an answer. */
function requests(text: string): boolean {
  return /\b(please (provide|share|tell|send|post|confirm|upload|describe|answer)|kindly (provide|share|send)|let (me|us) know (what|which|how|when|whether))\b/i.test(
    text,
  );
}

/** The label source of a rule, as written in a corpus. */
export function ruleSource(name: LabelingRuleName): string {
  return rulePrefix + name;
}
