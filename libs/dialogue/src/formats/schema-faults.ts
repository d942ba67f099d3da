import type * as z from 'zod';
import { shown, type CorpusErrorCode, type ProblemLog } from '../reading/problem-log.ts';

/** What a fault in a member of that name is called; everything else is `CORPUS_FIELD`. */
const codes: Readonly<Record<string, CorpusErrorCode>> = { role: 'CORPUS_ROLE_UNKNOWN', tags: 'CORPUS_TAG_UNKNOWN' };

/** A schema's issues as faults of the corpus, each with its JSON path. */
export function addSchemaFaults(
  problems: ProblemLog,
  error: z.ZodError,
  where: { readonly file: string; readonly line: number; readonly path: readonly PropertyKey[] },
): void {
  for (const issue of error.issues) {
    const path = [...where.path, ...issue.path];
    const member = path.findLast((part) => typeof part === 'string') ?? '';
    problems.add({
      code: issue.code === 'unrecognized_keys' ? 'CORPUS_FIELD' : (codes[member] ?? 'CORPUS_FIELD'),
      file: where.file,
      line: where.line,
      ...(path.length > 0 && { key: spelled(path) }),
      message: issue.message.endsWith('.') ? issue.message : `${ruleOf(issue)}. Got ${shown(issue.input)} instead.`,
    });
  }
}

const kinds: Readonly<Record<string, string>> = { string: 'a text', array: 'a list', object: 'an object', boolean: 'true or false', number: 'a number', int: 'a whole number' };

/** In place of zod's own words, which speak of types. */
function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `It must be ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === 'too_small' && issue.minimum === 1) return 'It must not be empty';
  return issue.message;
}

function spelled(path: readonly PropertyKey[]): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('');
}
