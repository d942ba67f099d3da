import { describe, expect, it } from 'vitest';
import { fakeTerminal } from '../testing/fake-terminal.ts';

describe('terminal', () => {
  it('keeps data and words apart', () => {
    const terminal = fakeTerminal();
    terminal.print('a table');
    terminal.note('working');
    terminal.warn('careful');
    expect(terminal.out).toBe('a table\n');
    expect(terminal.err).toBe('working\nwarning: careful\n');
  });

  it('prints nothing but JSON on standard output under --json', () => {
    const terminal = fakeTerminal({ json: true });
    terminal.print('a table');
    terminal.printJson({ n: 1 });
    expect(terminal.out).toBe('{"n":1}\n');
  });

  it('writes progress over on a terminal, in lines elsewhere, cut to the width', () => {
    const live = fakeTerminal({ isTTY: true, env: { TERM: 'xterm' } });
    live.progress('x'.repeat(100));
    live.note('done');
    expect(live.err).toBe(`\r\x1b[K${'x'.repeat(39)}\r\x1b[Kdone\n`);
    const plain = fakeTerminal();
    plain.progress('half');
    plain.progress('half');
    plain.progress('more');
    expect(plain.err).toBe('half\nmore\n');
  });

  it('uses color on a terminal only, and not under NO_COLOR', () => {
    const colored = fakeTerminal({ isTTY: true, env: { TERM: 'xterm' } });
    const plain = fakeTerminal({ isTTY: true, env: { TERM: 'xterm', NO_COLOR: '1' } });
    for (const terminal of [colored, plain]) terminal.warn('careful');
    expect(colored.err).toBe('\x1b[33mwarning:\x1b[0m careful\n');
    expect(plain.err).toBe('warning: careful\n');
  });
});
