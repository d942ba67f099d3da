import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { right, wrong, type Case, type CaseFiles, type Verdict } from '../case.ts';
import type { CommandResult, Product } from '../product.ts';

/** The corpus on which the base model of every case is trained. */
export const plainCorpus = 'corpus-plain.jsonl';

interface ModelCaseOptions {
  readonly name: string;
  readonly expects: string;
  /** A message that the product must print about the folder while it trains. */
  readonly says?: RegExp;
}

/** A base model that must train and predict. */
export function modelCase({ name, expects, says }: ModelCaseOptions): Case {
  return {
    name,
    expects,
    async check(product, files) {
      const model = await trainOn(product, files, name);
      if ('verdict' in model) return model.verdict;
      const said = saidAbout(model.training, says ?? /\bcase base\b/);
      if (says !== undefined && said === undefined)
        return wrong(`trained, but nothing in its output matches ${says.source}`);
      return right(
        said ?? `trained; ${model.probabilities.length} predictions from ${spread(model.probabilities)}`,
      );
    },
  };
}

/** A model trained in a case, and its predictions. */
export interface TrainedModel {
  readonly name: string;
  readonly training: CommandResult;
  /** P(initiative) of each conversation of {@link openConversations}. */
  readonly probabilities: readonly number[];
}

/** Trains on the plain corpus and predicts its open conversations. Returns a verdict if either fails. */
export async function trainOn(
  product: Product,
  files: CaseFiles,
  base: string,
  { settings = [] as readonly string[] } = {},
): Promise<TrainedModel | { readonly verdict: Verdict }> {
  const name = `case-${basename(base)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')}`;
  const corpus = join(files.folder, plainCorpus);
  const path = base.startsWith('/') ? base : join(files.folder, base);
  const training = await product.run([
    'train',
    ...['--corpus', corpus, '--base', path, '--name', name],
    ...settings.flatMap((setting) => ['--set', setting]),
    '--json',
  ]);
  if (training.exitCode !== 0) return { verdict: wrong(failure(training)) };
  const predicted = await product.run(['predict', '--model', name, await openConversations(files)]);
  if (predicted.exitCode !== 0)
    return { verdict: wrong(`trained, but predict failed: ${failure(predicted)}`) };
  const lines = predicted.stdout.trim().split('\n');
  return {
    name,
    training,
    probabilities: lines.map((line) => (JSON.parse(line) as { probability: number }).probability),
  };
}

/** A file with the user's first message of every conversation in the plain corpus. */
export async function openConversations({ folder, scratch }: CaseFiles): Promise<string> {
  const lines = (await readFile(join(folder, plainCorpus), 'utf8')).trim().split('\n');
  const open = lines.map((line) => {
    const { id, utterances } = JSON.parse(line) as {
      readonly id: string;
      readonly utterances: readonly unknown[];
    };
    return JSON.stringify({ id, utterances: utterances.slice(0, 1) });
  });
  const file = join(scratch, 'open.jsonl');
  await writeFile(file, `${open.join('\n')}\n`);
  return file;
}

/** The exit code and the first sentence of a command's error. */
export function failure({ exitCode, stderr }: CommandResult): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const error =
    lines.find((line) => /^(✗|error:)/.test(line)) ??
    lines.filter((line) => line !== '').at(-1) ??
    'no message';
  return `exit code ${exitCode}: ${error}`;
}

/** The first matching line of a command's output. */
export function saidAbout({ stderr, stdout }: CommandResult, pattern: RegExp): string | undefined {
  return `${stderr}\n${stdout}`
    .split('\n')
    .find((line) => pattern.test(line))
    ?.trim();
}

function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)}`;
}
