import { describe, expect, it } from 'vitest';
import { progressLine } from './progress-line.ts';

function shown(live: boolean): {
  written: string;
  report: (at: number, received: number) => void;
  line: (text: string) => void;
} {
  let time = 0;
  const result = {
    written: '',
    report: (_at: number, _received: number): void => undefined,
    line: (_text: string): void => undefined,
  };
  const show = progressLine({ write: (text) => (result.written += text), live, now: () => time });
  result.report = (at, received) => {
    time = at;
    show.progress({ what: 'model', received, total: 2e6 });
  };
  result.line = show.line;
  return result;
}

describe('progressLine', () => {
  it('says how far a download is every five seconds', () => {
    const display = shown(false);
    for (const at of [10, 4_000, 5_500, 6_000, 11_000]) display.report(at, at * 100);
    expect(display.written).toBe(
      'overture setup: model: 0.6 of 2.0 MB (27 %)\noverture setup: model: 1.1 of 2.0 MB (55 %)\n',
    );
  });

  it('writes over its own line on a terminal', () => {
    const display = shown(true);
    display.report(200, 1e6);
    display.line('done');
    expect(display.written).toBe(
      '\r\x1b[Koverture setup: model: 1.0 of 2.0 MB (50 %)\r\x1b[Koverture setup: done\n',
    );
  });
});
