import Table from 'cli-table3';

/** Aligned columns under headings, without rules: readable, and easy to parse with `awk`. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  rightFrom = Infinity,
): string {
  const none = Object.fromEntries(
    [
      'top',
      'top-mid',
      'top-left',
      'top-right',
      'bottom',
      'bottom-mid',
      'bottom-left',
      'bottom-right',
      'left',
      'left-mid',
      'mid',
      'mid-mid',
      'right',
      'right-mid',
    ].map((name) => [name, '']),
  );
  const grid = new Table({
    head: [...heads],
    chars: { ...none, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: heads.map((_, i) => (i >= rightFrom ? 'right' : 'left')),
  });
  grid.push(...rows.map((row) => [...row]));
  return grid.toString().replaceAll(/ +$/gm, '');
}
