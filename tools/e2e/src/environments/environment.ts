import type { Ended } from './overture-command.ts';

/** The outcome of an environment. */
export interface Verdict {
  readonly kind: 'works' | 'refuses clearly' | 'skipped' | 'WRONG';
  /** The result, in one line. */
  readonly message: string;
}

/** A real environment of the kind that users have. */
export interface Environment {
  readonly name: string;
  /** @param folder its own folder, removed afterwards, which any user can enter */
  tryIt(folder: string): Promise<Verdict>;
}

/** The verdict for an environment that works. */
export function works(message: string): Verdict {
  return { kind: 'works', message };
}

/** A refusal must be one sentence of ours, with its code. */
export function refuses({ code, err }: Ended, expected: RegExp): Verdict {
  const line = err.split('\n').find((each) => each.startsWith('error: ')) ?? '';
  const clear = code !== 0 && code !== 1 && expected.test(line) && /\[[A-Z_]+\]$/.test(line);
  return clear
    ? { kind: 'refuses clearly', message: line.slice('error: '.length) }
    : { kind: 'WRONG', message: `exit code ${code}, ${lastOf(err) || 'no message'}` };
}

/** The verdict for a training, which must have produced a model. */
export function trained({ code, out, err }: Ended, message: string): Verdict {
  if (code !== 0) return { kind: 'WRONG', message: `exit code ${code}: ${lastOf(err)}` };
  const { model } = JSON.parse(out) as { model?: { name: string; version: number } };
  return model === undefined
    ? { kind: 'WRONG', message: 'the training gave no model' }
    : works(`${message}; trained ${model.name}@${model.version}`);
}

function lastOf(text: string): string {
  return text.trim().split('\n').slice(-4).join(' | ');
}
