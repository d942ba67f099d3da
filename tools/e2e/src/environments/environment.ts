import type { Ended } from './overture-command.ts';

/** What became of an environment. */
export interface Verdict {
  readonly kind: 'works' | 'refuses clearly' | 'skipped' | 'WRONG';
  /** What was shown, in a line. */
  readonly message: string;
}

/** An environment as it is somewhere, made for real. */
export interface Environment {
  readonly name: string;
  /** @param folder of its own, removed afterwards, which any user may enter */
  tryIt(folder: string): Promise<Verdict>;
}

export function works(message: string): Verdict {
  return { kind: 'works', message };
}

/** A refusal must be one sentence of ours, with its code. */
export function refuses({ code, err }: Ended, expected: RegExp): Verdict {
  const line = err.split('\n').find((each) => each.startsWith('error: ')) ?? '';
  const clear = code !== 0 && code !== 1 && expected.test(line) && /\[[A-Z_]+\]$/.test(line);
  return clear ? { kind: 'refuses clearly', message: line.slice('error: '.length) } : { kind: 'WRONG', message: `exit code ${code}, ${lastOf(err) || 'no message'}` };
}

/** The model that a training must have given. */
export function trained({ code, out, err }: Ended, message: string): Verdict {
  if (code !== 0) return { kind: 'WRONG', message: `exit code ${code}: ${lastOf(err)}` };
  const { model } = JSON.parse(out) as { model?: { name: string; version: number } };
  return model === undefined ? { kind: 'WRONG', message: 'the training gave no model' } : works(`${message}; trained ${model.name}@${model.version}`);
}

function lastOf(text: string): string {
  return text.trim().split('\n').slice(-4).join(' | ');
}
