import { issueSentence } from '@overture/dag';
import type * as z from 'zod';
import type { CorpusErrorCode, ProblemLog } from '../reading/problem-log.ts';

/** Error codes by the name of the faulty member. Every other member has `CORPUS_FIELD`. */
const codes: Readonly<Record<string, CorpusErrorCode>> = {
  role: 'CORPUS_ROLE_UNKNOWN',
  tags: 'CORPUS_TAG_UNKNOWN',
};

/** Adds a schema's issues as corpus faults, each with its JSON path. */
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
      message: issue.message.endsWith('.') ? issue.message : issueSentence(issue),
    });
  }
}

function spelled(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}
