import type { AgentWords, Conversation, Role, Utterance } from '../conversation.ts';

/**
 * The meaning of a speaker word. `prompt`: an instruction to the model, which is not part of the
 * conversation.
 */
export type Speaker = Role | 'prompt';

/** An utterance with its corpus's own word for the speaker. */
export interface WordedUtterance extends Omit<Utterance, 'role'> {
  readonly word: string;
}

const words: Readonly<Record<string, Speaker>> = {
  user: 'user',
  system: 'system',
  agent: 'system',
  assistant: 'system',
  developer: 'prompt',
};

/** The speaker words that readers accept, for messages. */
export const roleWords: readonly string[] = Object.keys(words).filter((word) => words[word] !== 'prompt');

/** Whether readers accept this speaker word, ignoring case and outer white space. */
export function isRoleWord(word: string): boolean {
  return Object.hasOwn(words, plain(word));
}

/**
 * The utterances of a conversation with their roles, without its system prompts. If a conversation also uses
 * `assistant` or `agent`, an utterance of `system` is a prompt, as in chat logs, unless it is labeled and not
 * the opening. If it uses neither word, `system` is the answering side.
 * @param worded utterances whose words `isRoleWord` accepts
 */
export function readSpeakers<U extends WordedUtterance>(
  worded: readonly U[],
): Pick<Conversation, 'prompts' | 'agentWords'> & {
  readonly utterances: readonly (Omit<U, 'word'> & { readonly role: Role })[];
} {
  const said = worded.map(({ word }) => plain(word));
  const hasAgent = said.includes('agent') || said.includes('assistant');
  const utterances: (Omit<U, 'word'> & { readonly role: Role })[] = [];
  let hasSystem = false;
  worded.forEach(({ word: _, ...utterance }, i) => {
    const word = said[i] as string;
    const speaker = words[word] as Speaker;
    if (speaker === 'prompt') return;
    if (word === 'system' && hasAgent && (utterances.length === 0 || !isLabeled(utterance))) return;
    hasSystem ||= word === 'system';
    utterances.push({ role: speaker, ...utterance });
  });
  const agentWords: AgentWords | undefined = hasAgent
    ? hasSystem
      ? 'both'
      : 'agent'
    : hasSystem
      ? 'system'
      : undefined;
  const prompts = worded.length - utterances.length;
  return { utterances, ...(prompts > 0 && { prompts }), ...(agentWords && { agentWords }) };
}

function isLabeled({ initiative, tags = [] }: Omit<Utterance, 'role'>): boolean {
  return initiative !== undefined || tags.length > 0;
}

function plain(word: string): string {
  return word.trim().toLowerCase();
}
