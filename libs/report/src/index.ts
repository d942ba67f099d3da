export { caveats, floorFindings, headline } from './findings.ts';
export { renderHtml } from './render-html.ts';
export { renderMarkdown } from './render-markdown.ts';
export { renderTable } from './render-table.ts';
export type { RenderOptions, WorstError } from './worst-error.ts';
