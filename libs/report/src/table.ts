/** A table, independent of its output format. */
export interface Table {
  readonly caption: string;
  /** Header per column; `numeric` columns are right-aligned. */
  readonly columns: readonly { readonly name: string; readonly numeric?: boolean }[];
  /** The first cell of a row is its header. */
  readonly rows: readonly (readonly string[])[];
}

/** One text column, followed by numeric columns. */
export function columnsOf(first: string, ...numeric: readonly string[]): Table['columns'] {
  return [{ name: first }, ...numeric.map((name) => ({ name, numeric: true }))];
}

/** A table aligned with spaces, for terminals. */
export function tableToText({ caption, columns, rows }: Table): string {
  const widths = columns.map((column, c) =>
    Math.max(column.name.length, ...rows.map((row) => row[c]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => (columns[c]?.numeric ? cell.padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    caption,
    line(columns.map((column) => column.name)),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...rows.map(line),
  ].join('\n');
}

/** A table as Markdown, with its caption in bold. */
export function tableToMarkdown({ caption, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const rule = `|${columns.map((column) => (column.numeric ? '---:' : '---')).join('|')}|`;
  return [
    `**${escapeMarkdown(caption)}**`,
    '',
    line(columns.map((column) => column.name)),
    rule,
    ...rows.map(line),
  ].join('\n');
}

/** A table as HTML. */
export function tableToHtml({ caption, columns, rows }: Table): string {
  const align = (c: number): string => (columns[c]?.numeric ? ' class="number"' : '');
  const head = columns
    .map((column, c) => `<th scope="col"${align(c)}>${escapeHtml(column.name)}</th>`)
    .join('');
  const body = rows
    .map(
      (row) =>
        `<tr>${row
          .map((cell, c) =>
            c === 0 ? `<th scope="row">${escapeHtml(cell)}</th>` : `<td${align(c)}>${escapeHtml(cell)}</td>`,
          )
          .join('')}</tr>`,
    )
    .join('\n');
  return `<div class="scroll" tabindex="0"><table>\n<caption>${escapeHtml(caption)}</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody></table></div>`;
}

/** Text as HTML content or attribute value. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text as one line of Markdown. Markup and table delimiters are escaped. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`);
}
