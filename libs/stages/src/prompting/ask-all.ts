import type { AskOptions } from '@overture/inference';
import type { Answer, Asking, Reading } from './answer.ts';
import type { AnswerLog } from './answer-log.ts';

/** Prompts that are answered and logged together: about ten seconds of work with a small model. */
const partSize = 32;

/** Options of `askAll`, with the log of answered prompts. */
export interface AskAllOptions extends AskOptions {
  readonly log: AnswerLog;
}

/** Answers all prompts, part by part. Parts that an earlier attempt has answered are read from the log. */
export async function askAll(
  reading: Reading,
  prompts: readonly (readonly number[])[],
  asking: Asking,
  { log, signal, onProgress, prefix }: AskAllOptions,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let part = 0; part * partSize < prompts.length; part++) {
    signal?.throwIfAborted();
    const asked = prompts.slice(part * partSize, (part + 1) * partSize);
    const known = log.known.get(part);
    const given =
      known ??
      (await reading.ask(asked, asking, {
        prefix,
        signal,
        onProgress: (done) => onProgress?.(part * partSize + done, prompts.length),
      }));
    if (known === undefined) await log.keep(part, given);
    answers.push(...given);
  }
  return answers;
}
