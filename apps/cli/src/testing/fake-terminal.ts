import { openTerminal, type Terminal } from '../output/terminal.ts';

/** A terminal that records its output. */
export interface FakeTerminal extends Terminal {
  readonly out: string;
  readonly err: string;
}

/** A terminal that records its output and has a fake clock. */
export function fakeTerminal(
  options: { readonly json?: boolean; readonly isTTY?: boolean; readonly env?: Record<string, string> } = {},
): FakeTerminal {
  const kept = { out: '', err: '' };
  let time = 0;
  const terminal = openTerminal({
    json: options.json ?? false,
    stdout: { write: (text) => (kept.out += text) },
    stderr: { write: (text) => (kept.err += text), isTTY: options.isTTY ?? false, columns: 40 },
    env: options.env ?? {},
    now: () => (time += 6_000),
  });
  return Object.defineProperties(terminal, {
    out: { get: () => kept.out },
    err: { get: () => kept.err },
  }) as FakeTerminal;
}
