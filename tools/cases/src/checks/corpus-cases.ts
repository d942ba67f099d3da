import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { right, wrong, type Case, type CaseFiles } from '../case.ts';
import type { CommandResult, Product } from '../product.ts';
import { failure, plainCorpus, saidAbout } from './model-case.ts';

/** ClariQ as published: an unlabeled test split beside two labeled ones. */
export const unlabeledSplit: Case = {
  name: 'P01-clariq-folder',
  expects: 'reads train and dev; says that test has no labels and which file has them',
  async check(product, { folder }) {
    const path = join(folder, this.name);
    const inspected = await product.run(['corpus', 'inspect', path]);
    if (inspected.exitCode !== 0) return wrong(failure(inspected));
    const said = saidAbout(inspected, /test_with_labels\.tsv/);
    if (said === undefined) return wrong('read, but nothing names test_with_labels.tsv');
    const trained = await trainTiny(product, path, 'case-p01');
    return trained.exitCode === 0 ? right(said) : wrong(failure(trained));
  },
};

/** Every conversation begins with a greeting by the bot. */
export const greetingFirst: Case = {
  name: 'P05-greeting-first.jsonl',
  expects: 'conversations stay apart: cross-validation runs, and the first-turn rule works',
  async check(product, { folder }) {
    const run = await product.run([
      'crossvalidate',
      '--corpus',
      join(folder, this.name),
      '--base',
      'tiny',
      '--folds',
      '3',
      '--json',
    ]);
    if (run.exitCode !== 0) return wrong(failure(run));
    const inspected = await product.run(['corpus', 'inspect', join(folder, this.name)]);
    return right(
      saidAbout(inspected, /^(note|warning).*(opening|greeting)/i) ?? 'cross-validated in 3 folds',
    );
  },
};

/** An exporter that writes every key, with null for missing values. */
export const nulls: Case = {
  name: 'P12-nulls.jsonl',
  expects: 'null is absent: the same corpus as without the keys',
  check: (product, files) =>
    sameAsPlain(product, files, 'P12-nulls.jsonl', (line) => line.replaceAll(/,"[a-z]+":null/g, '')),
};

/** Every conversation of a chat log begins with a system prompt. */
export const systemPrompt: Case = {
  name: 'P20-system-prompt.jsonl',
  expects: 'the prompt is left out, and the product says so: the same examples as without it',
  async check(product, files) {
    const verdict = await sameAsPlain(product, files, this.name, withoutSystemPrompt);
    if (!verdict.right) return verdict;
    const inspected = await product.run(['corpus', 'inspect', join(files.folder, this.name)]);
    const said = saidAbout(inspected, /system prompt/i);
    return said === undefined ? wrong('the prompt is left out without a word') : right(said);
  },
};

function withoutSystemPrompt(line: string): string {
  const { utterances, ...rest } = JSON.parse(line) as {
    readonly utterances: readonly { readonly role: string }[];
  };
  return JSON.stringify({ ...rest, utterances: utterances.filter(({ role }) => role !== 'system') });
}

/** Checks that the case and its cleaned twin have the same counts, and that the case can be trained on. */
async function sameAsPlain(
  product: Product,
  { folder, scratch }: CaseFiles,
  name: string,
  clean: (line: string) => string,
) {
  const twin = join(scratch, name);
  const lines = (await readFile(join(folder, name), 'utf8')).trim().split('\n');
  await writeFile(twin, `${lines.map(clean).join('\n')}\n`);
  const inspected = await Promise.all(
    [join(folder, name), twin].map((path) => product.run(['corpus', 'inspect', path, '--json'])),
  );
  const failed = inspected.find(({ exitCode }) => exitCode !== 0);
  if (failed !== undefined) return wrong(failure(failed));
  const [counts, expected] = inspected.map((result) =>
    JSON.stringify((result.json() as { total: unknown }).total),
  );
  if (counts !== expected) return wrong(`counts differ: ${counts} instead of ${expected}`);
  const trained = await trainTiny(product, join(folder, name), `case-${name.slice(0, 3).toLowerCase()}`);
  return trained.exitCode === 0 ? right(`the same counts as its twin; trained`) : wrong(failure(trained));
}

function trainTiny(product: Product, corpus: string, name: string): Promise<CommandResult> {
  return product.run(['train', '--corpus', corpus, '--base', 'tiny', '--name', name, '--json']);
}

/** The corpus of the other cases, as a control. */
export const control: Case = {
  name: plainCorpus,
  expects: 'trains',
  async check(product, { folder }) {
    const trained = await trainTiny(product, join(folder, this.name), 'case-control');
    return trained.exitCode === 0 ? right('trained') : wrong(failure(trained));
  },
};
