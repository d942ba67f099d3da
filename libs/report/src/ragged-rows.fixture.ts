/** Rows of Markdown tables whose number of cells differs from their header's. For tests. */
export function raggedRows(markdown: string): string[] {
  const cells = (row: string): number => row.replaceAll('\\|', '').split('|').length;
  return [...markdown.matchAll(/(?:^\|.*\n?)+/gm)].flatMap(([table]) => {
    const [header, ...rows] = table.trim().split('\n');
    return rows.filter((row) => cells(row) !== cells(header ?? ''));
  });
}
