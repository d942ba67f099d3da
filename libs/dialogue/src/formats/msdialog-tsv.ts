import { isDialogueTag, type DialogueTag } from '../dialogue-tag.ts';
import { readLines, type Line } from '../reading/read-lines.ts';
import type { CorpusFormat, ReadContext } from './corpus-format.ts';
import { tooManyUtterances, unknownRole, unknownTag } from './fault-messages.ts';
import { isRoleWord, readSpeakers, type WordedUtterance } from './speaker-roles.ts';

/**
 * One utterance per line, `TAG_TAG<TAB>text __eou__<TAB>User|Agent`. A blank line or the end of the file ends
 * a conversation. This is the format of dataset/MSDialog/*.tsv in the GitHub repository ChuanMeng/SIP.
 */
export const msdialogTsv: CorpusFormat = {
  title: 'MSDialog, pre-processed TSV',
  recognizes: ({ firstLine, file }) => firstLine.includes('\t') || file.toLowerCase().endsWith('.tsv'),
  async *read(context) {
    const { file, name, limits, problems, signal } = context;
    let utterances: WordedUtterance[] = [];
    let firstLine = 1;
    let ordinal = 0;
    const take = () => {
      const conversation = {
        id: `${name}-${++ordinal}`,
        ...readSpeakers(utterances),
        source: { file, line: firstLine },
      };
      utterances = [];
      return conversation;
    };
    for await (const line of readLines(file, limits, signal)) {
      if (line.text.trim() === '') {
        if (utterances.length > 0) yield take();
        continue;
      }
      problems.record();
      if (utterances.length === 0) firstLine = line.number;
      if (utterances.length === limits.utterances) {
        problems.add({
          code: 'CORPUS_CONVERSATION_TOO_LONG',
          file,
          line: firstLine,
          message: tooManyUtterances(limits.utterances),
        });
        utterances = [];
      }
      const utterance = parseUtterance(line, context);
      if (utterance) utterances.push(utterance);
    }
    if (utterances.length > 0) yield take();
  },
};

function parseUtterance(
  { text: source, number: line }: Line,
  { file, problems }: ReadContext,
): WordedUtterance | undefined {
  const columns = source.split('\t');
  if (columns.length !== 3) {
    problems.add({
      code: 'CORPUS_COLUMNS',
      file,
      line,
      message: `A line must have 3 columns separated by tabs: tags, text, User or Agent. Got ${columns.length} instead.`,
    });
    return undefined;
  }
  const [tagColumn, text, speaker] = columns as [string, string, string];
  // In an unlabeled corpus, this column is empty.
  const words = tagColumn.trim() === '' ? [] : tagColumn.trim().split('_');
  for (const word of words) {
    if (!isDialogueTag(word))
      problems.add({ code: 'CORPUS_TAG_UNKNOWN', file, line, key: 'column 1', message: unknownTag(word) });
  }
  if (!isRoleWord(speaker)) {
    problems.add({ code: 'CORPUS_ROLE_UNKNOWN', file, line, key: 'column 3', message: unknownRole(speaker) });
    return undefined;
  }
  return { word: speaker, text: plainText(text), tags: words as DialogueTag[] };
}

/** Removes end-of-utterance marks, and replaces `\?`, `\(`, `\)` with `?`, `(`, `)`. */
function plainText(text: string): string {
  return text
    .replaceAll('__eou__', ' ')
    .replace(/\\([^\w\s])/g, '$1')
    .trim();
}
