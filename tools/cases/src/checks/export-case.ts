import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { right, wrong, type Case } from '../case.ts';
import { failure } from './model-case.ts';

interface ExportCaseOptions {
  readonly name: string;
  /** The text of an export with this many conversations. */
  readonly make: (conversations: number) => string;
  readonly conversations: number;
}

/**
 * A chat export that becomes a model in four commands, without manual edits: convert with weak labels,
 * inspect, train, predict.
 */
export function exportCase({ name, make, conversations }: ExportCaseOptions): Case {
  return {
    name,
    expects: `${conversations} conversations: convert, inspect, train, predict`,
    async check(product, { scratch }) {
      const [file, corpus] = [join(scratch, `${name}-export`), join(scratch, `${name}.jsonl`)];
      await writeFile(file, make(conversations));

      const converted = await product.run([
        'corpus',
        'convert',
        file,
        '--labels',
        'question',
        '--to',
        corpus,
        '--json',
      ]);
      if (converted.exitCode !== 0) return wrong(failure(converted));
      const { from, conversations: read, labels } = converted.json() as unknown as Converted;
      if (from !== name || read !== conversations)
        return wrong(`convert read ${read} conversations as ${from}`);

      const inspected = await product.run(['corpus', 'inspect', corpus, '--json']);
      if (inspected.exitCode !== 0) return wrong(failure(inspected));
      const { problems } = inspected.json() as unknown as Inspected;
      const kinds = problems.map(({ kind }) => kind);
      if (!kinds.includes('weak-labels'))
        return wrong(`inspect does not name the weak labels, only ${kinds.join(', ')}`);
      if (problems.some(({ severity }) => severity === 'error'))
        return wrong(`inspect has errors: ${kinds.join(', ')}`);

      const trained = await product.run([
        'train',
        '--corpus',
        corpus,
        '--base',
        'tiny',
        '--name',
        `export-${name}`,
        '--json',
      ]);
      if (trained.exitCode !== 0) return wrong(failure(trained));
      if (!trained.stderr.includes('The labels are weak, by rule'))
        return wrong('train does not name the weak labels');
      const { report } = trained.json() as unknown as Trained;

      const predicted = await product.run(['predict', '--model', `export-${name}`, '--drop-answer', corpus]);
      if (predicted.exitCode !== 0) return wrong(failure(predicted));
      const predictions = lines(predicted.stdout) as {
        readonly id: string;
        readonly probability: number;
        readonly truncated: boolean;
      }[];
      const ids = (lines(await readFile(corpus, 'utf8')) as { readonly id: string }[]).map(({ id }) => id);
      if (predictions.map(({ id }) => id).join() !== ids.join())
        return wrong(`predict answered ${predictions.length} of ${ids.length} ids`);
      if (!predictions.every(({ probability }) => probability >= 0 && probability <= 1))
        return wrong('a probability is out of range');
      const cut = predictions.filter(({ truncated }) => truncated).length;
      return right(
        `${labels.initiative} of ${labels.initiative + labels.noInitiative} turns labeled as initiative, macro-F1 ${report.macroF1.toFixed(3)}, ${predictions.length} predictions, ${cut} of them truncated; inspect: ${kinds.join(', ')}`,
      );
    },
  };
}

interface Converted {
  readonly from: string;
  readonly conversations: number;
  readonly labels: { readonly initiative: number; readonly noInitiative: number };
}

interface Inspected {
  readonly problems: readonly { readonly kind: string; readonly severity: string }[];
}

interface Trained {
  readonly report: { readonly macroF1: number };
}

function lines(text: string): unknown[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}
