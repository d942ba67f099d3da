import { expect, it } from 'vitest';
import { z } from 'zod';
import { ProblemLog } from '../reading/problem-log.ts';
import { addSchemaFaults } from './schema-faults.ts';

it('says what is wrong without the words of the schema library', () => {
  const schema = z.object({
    id: z.string().min(1),
    utterances: z.array(z.unknown()).min(1),
    title: z.string(),
    n: z.int(),
  });
  const { error } = schema.safeParse({ id: '', utterances: [], title: 7, n: 'x' }, { reportInput: true });
  const problems = new ProblemLog(10);
  addSchemaFaults(problems, error!, { file: 'talk.jsonl', line: 3, path: [] });
  let message = '';
  try {
    problems.throwIfAny();
  } catch (thrown) {
    message = (thrown as Error).message;
  }
  expect(message).toContain('It must not be empty. Got "" instead.');
  expect(message).toContain('It must not be empty. Got [] instead.');
  expect(message).toContain('It must be text. Got 7 instead.');
  expect(message).toContain('It must be a number. Got "x" instead.');
  expect(message).not.toMatch(/Too small|expected|Invalid/);
});
