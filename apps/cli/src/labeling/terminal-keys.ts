import { emitKeypressEvents } from 'node:readline';
import { AppError } from '@overture/core';

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly sequence?: string;
}

/**
 * The names of the pressed keys, one at a time; Ctrl-C is `quit`. The terminal's mode is restored when the
 * iteration ends.
 * @throws AppError `TERMINAL_NEEDED` if standard input is not a terminal
 */
export async function* terminalKeys(input: NodeJS.ReadStream): AsyncGenerator<string> {
  if (!input.isTTY)
    throw new AppError(
      'TERMINAL_NEEDED',
      'Labeling needs a terminal, and standard input is none. Run it in one, or label by a rule: --rule question.',
    );
  const pressed: string[] = [];
  let wake: (() => void) | undefined;
  const onKey = (text: string | undefined, key: Key): void => {
    pressed.push(
      key.ctrl === true && (key.name === 'c' || key.name === 'd') ? 'quit' : (key.name ?? text ?? ''),
    );
    wake?.();
  };
  emitKeypressEvents(input);
  input.setRawMode(true);
  input.resume();
  input.on('keypress', onKey);
  try {
    for (;;) {
      const key = pressed.shift();
      if (key === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else yield key;
    }
  } finally {
    input.off('keypress', onKey);
    input.setRawMode(false);
    input.pause();
  }
}
