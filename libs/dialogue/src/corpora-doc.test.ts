import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { dialogueTagTitles } from './dialogue-tag.ts';
import { examplesOf } from './example.ts';
import { corpusFormats } from './formats/corpus-formats.ts';
import { openCorpus } from './open-corpus.ts';
import { defaultReadLimits } from './reading/read-limits.ts';
import { resolveTagSet } from './tag-set.ts';
import { collected, writtenCorpus } from './testing/written-corpus.ts';

const doc = await readFile(new URL('../../../docs/corpora.md', import.meta.url), 'utf8');
const sections = doc.split(/^## /m).flatMap((section) => {
  const format = /^[^\n]+\(`([\w-]+)`\)/.exec(section)?.[1];
  const block = /```\w+\n([^]*?)```/.exec(section)?.[1];
  return format !== undefined && block !== undefined ? [[format, block] as const] : [];
});

describe('docs/corpora.md', () => {
  it('has a section for each format', () => {
    expect(sections.map(([format]) => format).sort()).toEqual(Object.keys(corpusFormats).sort());
  });

  it.each(sections)('shows a %s corpus that can be read, with examples', async (format, block) => {
    await using corpus = await writtenCorpus({ example: block });
    const opened = await openCorpus(corpus.path('example'));
    expect(opened.format).toBe(format);
    const rule = { protocol: 'cikm23', tagSet: resolveTagSet() } as const;
    const examples = (await collected(opened.conversations())).flatMap((conversation) =>
      examplesOf(conversation, rule),
    );
    expect(examples.filter(({ label }) => label === 1)).toHaveLength(1);
  });

  it('lists every tag, and the limits that hold', () => {
    for (const [tag, title] of Object.entries(dialogueTagTitles))
      expect(doc).toContain(`| \`${tag}\` | ${title} |`);
    expect(doc).toContain(`over ${defaultReadLimits.lineBytes / 1024 / 1024} MiB`);
    expect(doc).toContain(`over ${defaultReadLimits.utterances.toLocaleString('en-US')} utterances`);
  });
});
