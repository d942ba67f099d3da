import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { answer, type Answer } from './answer.ts';

const logLine = z.strictObject({ part: z.int(), answers: z.array(answer) });

/** Answers by part of the prompts, kept in a file for the next attempt. */
export interface AnswerLog {
  readonly known: ReadonlyMap<number, readonly Answer[]>;
  keep(part: number, answers: readonly Answer[]): Promise<void>;
}

/** Opens a log. A line that its writer did not finish before it died is ignored. */
export async function openAnswerLog(file: string): Promise<AnswerLog> {
  await mkdir(dirname(file), { recursive: true });
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const known = new Map(
    text
      .split('\n')
      .flatMap(parseLine)
      .map(({ part, answers }) => [part, answers]),
  );
  // Every line is framed by line breaks, so that a torn line before it does no harm.
  return { known, keep: (part, answers) => appendFile(file, `\n${JSON.stringify({ part, answers })}\n`) };
}

function parseLine(line: string): z.output<typeof logLine>[] {
  try {
    return [logLine.parse(JSON.parse(line))];
  } catch {
    return []; // torn, or empty
  }
}
