import { escapeHtml } from '../table.ts';
import { style } from './style.ts';

/** A self-contained page without scripts, fonts or network access. */
export function htmlPage(title: string, parts: readonly string[], moreStyle = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${style}${moreStyle}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${parts.join('\n')}
</main>
</body>
</html>
`;
}

/** Sentences as a list; empty if there are none. */
export function listHtml(items: readonly string[], name = 'findings'): string {
  return items.length === 0
    ? ''
    : `<ul class="${name}">${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('\n')}</ul>`;
}

/** Contents below their headings. Sections without content are left out. */
export function sectionsHtml(sections: readonly (readonly [heading: string, content: string])[]): string {
  return sections
    .filter(([, content]) => content !== '')
    .map(([heading, content]) => `<section>\n<h2>${heading}</h2>\n${content}\n</section>`)
    .join('\n');
}
