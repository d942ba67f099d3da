/** A table before it is known how it will be shown. */
export interface Table {
  readonly caption: string;
  /** Header per column; `numeric` columns are aligned right. */
  readonly columns: readonly { readonly name: string; readonly numeric?: boolean }[];
  /** The first cell of a row names the row. */
  readonly rows: readonly (readonly string[])[];
}

/** Columns of numbers after a first column of words. */
export function columnsOf(first: string, ...numeric: readonly string[]): Table['columns'] {
  return [{ name: first }, ...numeric.map((name) => ({ name, numeric: true }))];
}

/** Aligned with spaces, for terminals. */
export function tableToText({ caption, columns, rows }: Table): string {
  const widths = columns.map((column, c) => Math.max(column.name.length, ...rows.map((row) => row[c]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, c) => (columns[c]?.numeric ? cell.padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0))).join('  ').trimEnd();
  return [caption, line(columns.map((column) => column.name)), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

export function tableToMarkdown({ caption, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const rule = `|${columns.map((column) => (column.numeric ? '---:' : '---')).join('|')}|`;
  return [`**${escapeMarkdown(caption)}**`, '', line(columns.map((column) => column.name)), rule, ...rows.map(line)].join('\n');
}

export function tableToHtml({ caption, columns, rows }: Table): string {
  const align = (c: number): string => (columns[c]?.numeric ? ' class="number"' : '');
  const head = columns.map((column, c) => `<th scope="col"${align(c)}>${escapeHtml(column.name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell, c) =>
    (c === 0 ? `<th scope="row">${escapeHtml(cell)}</th>` : `<td${align(c)}>${escapeHtml(cell)}</td>`)).join('')}</tr>`).join('\n');
  return `<div class="scroll" tabindex="0"><table>\n<caption>${escapeHtml(caption)}</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody></table></div>`;
}

/** Text as HTML content or attribute value. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text as Markdown on one line: nothing in it is markup, and it ends no table cell. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`);
}
