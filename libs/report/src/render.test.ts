import { describe, expect, it } from 'vitest';
import { exampleCrossValidation, exampleReport } from './example-report.fixture.ts';
import { renderHtml, renderMarkdown, renderTable } from './index.ts';
import { raggedRows } from './ragged-rows.fixture.ts';

const report = exampleReport();
const hostile = '<script>alert("x")</script> | [a](b) & \n# c';
const options = {
  worstErrors: [{ exampleId: 'c1#0', label: 1 as const, probability: 0.04, excerpt: hostile }],
};
const html = renderHtml(report, options);

describe('renderHtml', () => {
  it('is one page that needs and runs nothing', () => {
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)|\son\w+=/i);
    // URLs occur only as XML namespaces.
    expect(html.replace(/xmlns(:\w+)?="[^"]*"/g, '')).not.toMatch(/https?:\/\//);
  });

  it('gives equal bytes for equal reports, in one process and after JSON', () => {
    expect(renderHtml(report, options)).toBe(html);
    expect(renderHtml(JSON.parse(JSON.stringify(report)), options)).toBe(html);
  });

  it('describes every plot in words and as a table', () => {
    const plots = html.match(/<svg role="img" aria-label="[^"]+"/g) ?? [];
    expect(plots).toHaveLength(6);
    expect(html.match(/<summary>The numbers<\/summary>/g)).toHaveLength(5);
    expect(html.match(/<table/g)?.length).toBe(html.match(/<caption>/g)?.length);
  });

  it('keeps ids apart between plots', () => {
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("draws in the page's colors, so that dark and light both work", () => {
    expect(html).toContain('stroke="var(--first)"');
    expect(html).not.toMatch(/<svg[\s\S]*?stroke="#[0-9a-f]{3,6}"/i);
    expect(html).toContain('@media (prefers-color-scheme: dark)');
  });

  it('shows text of a corpus as text', () => {
    expect(html).toContain('&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;');
  });

  it('leaves out what does not exist', () => {
    const bare = renderHtml(exampleReport({ labels: Array(120).fill(0), floors: [], threshold: undefined }));
    for (const absent of [
      'Model and floors',
      'ROC curve',
      'tuned',
      'Worst errors',
      'NaN',
      'null',
      'undefined',
    ])
      expect(bare).not.toContain(absent);
    expect(bare).toContain('AUC does not exist');
  });
});

describe('renderMarkdown', () => {
  const markdown = renderMarkdown(report, options);

  it('has the same tables and findings, and is stable', () => {
    for (const caption of [
      'All metrics',
      'By class',
      'Confusion at 0.5',
      'Confusion at 0.450',
      'By system turn, at 0.5',
      'Confident and wrong',
      'Provenance',
    ]) {
      expect(markdown).toContain(`**${caption}`);
    }
    expect(markdown).toContain('scores here are optimistic');
    expect(renderMarkdown(report, options)).toBe(markdown);
  });

  it('lets no text break a table or become markup', () => {
    expect(markdown).toContain('| \\<script\\>alert("x")\\</script\\> \\| \\[a\\](b) & \\# c |');
  });

  it('has as many cells in each row as its header', () => {
    expect(raggedRows(markdown)).toEqual([]);
  });
});

describe('renderTable', () => {
  it('fits a terminal: aligned columns, scores with intervals, floors, findings', () => {
    const text = renderTable(report);
    expect(text).toMatch(
      /^forum, split "valid", protocol cikm23, tag set cikm23-5: 120 examples from 60 conversations\n/,
    );
    expect(text).toMatch(/^Macro-F1 +0\.\d{3} +0\.\d{3} to 0\.\d{3} +0\.\d{3} +0\.\d{3} to 0\.\d{3}$/m);
    expect(text).toMatch(/^always "no" +0\.\d{3} .* model is above$/m);
    expect(text).toContain('• Split "valid" also chose the checkpoint');
    for (const line of text.split('\n').filter((row) => !row.startsWith('•')))
      expect(line.length).toBeLessThanOrEqual(160);
  });
});

describe('a cross-validation', () => {
  const pooled = exampleCrossValidation();
  it.each([
    ['page', renderHtml(pooled)],
    ['Markdown', renderMarkdown(pooled)],
    ['text', renderTable(pooled)],
  ])('adds its tests, seeds and folds to the %s', (_form, text) => {
    for (const words of [
      'Model against floors of the same folds',
      'McNemar p',
      'By seed of the training',
      'By fold, at 0.5',
      '2, 1',
    ])
      expect(text).toContain(words);
    expect(text).toMatch(/&#60; 0\.001|< 0\.001|\\< 0\.001|0\.\d{3}/);
    expect(text).not.toMatch(/NaN|undefined/);
  });

  it('is not spoken of where there is none', () => {
    for (const text of [html, renderMarkdown(report), renderTable(report)])
      expect(text).not.toContain('By fold');
  });
});
