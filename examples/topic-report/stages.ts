import { putJson, readJson } from '@overture/artifacts';
import { artifact } from '@overture/protocol';
import { digestOf } from '@overture/core';
import { defineStage, type StageContract } from '@overture/dag';
import { implementing, type StageImplementation } from '@overture/execution';
import { percentileInterval } from '@overture/metrics';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What this application decides for all its stages. */
export interface Settings {
  /** Folders are named relative to this one. */
  readonly root: string;
}

const implement = implementing<Settings>();
const texts = z.record(z.string(), z.string());
const weights = z.record(z.string(), z.record(z.string(), z.number()));

export const readTexts = defineStage({
  name: 'readTexts',
  version: 1,
  summary: 'Read the texts of a folder',
  queue: 'light',
  input: z.strictObject({ folder: z.string() }),
  output: z.object({ texts: artifact('texts'), count: z.int() }),
});

export const weighTerms = defineStage({
  name: 'weighTerms',
  version: 1,
  summary: 'Weigh every term of every text by TF-IDF',
  queue: 'light',
  input: z.strictObject({ texts: artifact('texts'), shortest: z.int().min(1) }),
  output: z.object({ weights: artifact('term-weights') }),
});

export const writeReport = defineStage({
  name: 'writeReport',
  version: 1,
  summary: 'Name the topics of each text',
  queue: 'light',
  input: z.strictObject({
    texts: artifact('texts'),
    weights: artifact('term-weights'),
    terms: z.int().min(1),
  }),
  output: z.object({
    report: artifact('report'),
    words: z.object({ low: z.number(), high: z.number() }).nullable(),
  }),
});

async function textsIn(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

const termsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? [];

export const stages: readonly StageImplementation<StageContract, Settings>[] = [
  implement(
    readTexts,
    async ({ folder }, { artifacts, settings }) => {
      const read = await textsIn(join(settings.root, folder));
      return { texts: await putJson(artifacts, 'texts', read), count: Object.keys(read).length };
    },
    // The same folder holds other texts tomorrow night.
    {
      fingerprint: async ({ folder }, { settings }) =>
        Object.fromEntries(
          Object.entries(await textsIn(join(settings.root, folder))).map(([name, text]) => [
            name,
            digestOf(text),
          ]),
        ),
    },
  ),
  implement(weighTerms, async (input, { artifacts }) => {
    const terms = Object.entries(await readJson(artifacts, input.texts, texts)).map(
      ([name, text]) => [name, termsOf(text).filter(({ length }) => length >= input.shortest)] as const,
    );
    const occurrences = new Map<string, number>();
    for (const [, all] of terms)
      for (const term of new Set(all)) occurrences.set(term, (occurrences.get(term) ?? 0) + 1);
    // Salton & Buckley 1988: frequency in the text, times the logarithm of how rare the term is among the
    // texts.
    const weigh = (all: readonly string[]): Record<string, number> =>
      Object.fromEntries(
        [...Map.groupBy(all, (term) => term)].map(([term, same]) => [
          term,
          (same.length / all.length) * Math.log(terms.length / (occurrences.get(term) ?? 1)),
        ]),
      );
    return {
      weights: await putJson(
        artifacts,
        'term-weights',
        Object.fromEntries(terms.map(([name, all]) => [name, weigh(all)])),
      ),
    };
  }),
  implement(writeReport, async (input, { artifacts, metrics }) => {
    const read = await readJson(artifacts, input.texts, texts);
    const lengths = Object.values(read).map((text) => termsOf(text).length);
    metrics([{ scope: 'texts', name: 'words', value: lengths.reduce((sum, length) => sum + length, 0) }]);
    const lines = Object.entries(await readJson(artifacts, input.weights, weights)).map(([name, of]) => {
      const best = Object.entries(of).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
      return `* ${name}: ${best
        .slice(0, input.terms)
        .map(([term]) => term)
        .join(', ')}`;
    });
    const interval = percentileInterval(Float64Array.from(lengths));
    return {
      report: await artifacts.put('report', new TextEncoder().encode(`# Topics\n\n${lines.join('\n')}\n`)),
      words: interval && { low: interval[0], high: interval[1] },
    };
  }),
];
