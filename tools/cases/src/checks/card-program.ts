import { spawnSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { right, wrong, type Case, type CaseFiles, type Verdict } from '../case.ts';
import type { Product } from '../product.ts';
import { failure, openConversations, trainOn } from './model-case.ts';

/** Maximum difference in a probability between Overture and transformers.js. */
const tolerance = 1e-4;

interface CardCaseOptions {
  readonly name: string;
  readonly expects: string;
}

/**
 * A model whose card must be correct: the program in the card produces Overture's own probabilities in
 * transformers.js.
 */
export function cardCase({ name, expects }: CardCaseOptions): Case {
  return {
    name,
    expects,
    async check(product, files) {
      const model = await trainOn(product, files, name);
      if ('verdict' in model) return model.verdict;
      const bundle = join(files.scratch, model.name);
      const exported = await product.run(['models', 'export', model.name, '--to', bundle]);
      if (exported.exitCode !== 0) return wrong(failure(exported));
      return compareWithCard(product, files, { bundle, probabilities: model.probabilities });
    },
  };
}

interface Exported {
  readonly bundle: string;
  readonly probabilities: readonly number[];
}

async function compareWithCard(
  product: Product,
  files: CaseFiles,
  { bundle, probabilities }: Exported,
): Promise<Verdict> {
  const card = await readFile(join(bundle, 'README.md'), 'utf8');
  const program = [...card.matchAll(/```js\n(.*?)\n```/gs)].find(([, code]) =>
    code?.includes('@huggingface/transformers'),
  )?.[1];
  if (program === undefined) return wrong('the model card has no program for transformers.js');
  const folder = await folderWithTransformersJs(files.scratch);
  const conversations = (await readFile(await openConversations(files), 'utf8')).trim().split('\n').join(',');
  await writeFile(join(folder, 'predict.mjs'), program);
  await writeFile(join(folder, 'conversations.json'), `[${conversations}]`);
  const run = spawnSync(process.execPath, ['predict.mjs', bundle, 'conversations.json'], {
    cwd: folder,
    env: product.env,
    encoding: 'utf8',
  });
  if (run.status !== 0)
    return wrong(`the program in the model card failed: ${run.stderr.trim().split('\n').at(-1)}`);
  const theirs = run.stdout.trim().split('\n').map(Number);
  const difference = Math.max(...probabilities.map((own, i) => Math.abs(own - (theirs[i] ?? Number.NaN))));
  const opens = /`pipeline\('text-classification', folder\)` opens this folder/.test(card);
  const claim = opens
    ? 'opens in transformers.js as the card says'
    : 'opens in transformers.js with the option that the card names';
  return difference <= tolerance
    ? right(`${claim}: ${theirs.length} probabilities within ${difference.toExponential(1)}`)
    : wrong(`transformers.js with the program in the card differs by ${difference.toExponential(1)}`);
}

/** A folder outside the workspace in which a program finds transformers.js and nothing else. */
async function folderWithTransformersJs(scratch: string): Promise<string> {
  const folder = join(scratch, 'outside');
  const modules = join(folder, 'node_modules', '@huggingface');
  await mkdir(modules, { recursive: true });
  const installed = resolve(
    import.meta.dirname,
    '..',
    '..',
    '..',
    '..',
    'node_modules',
    '@huggingface',
    'transformers',
  );
  await symlink(installed, join(modules, 'transformers')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return folder;
}
