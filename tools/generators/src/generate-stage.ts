import { formatFiles, type Tree } from '@nx/devkit';
import { change, withDependencies, writeNew } from './files.ts';
import { assertCamelCase, kebabCase } from './names.ts';

/** Options of the stage generator. */
export interface StageOptions {
  /** In camelCase; the name of the activity. */
  readonly name: string;
  /** The project's folder, such as `libs/seasons`. */
  readonly project: string;
  readonly summary?: string;
}

/**
 * Generates a stage in a project: its contract, its code, and a test that runs it twice and expects it to be
 * reused.
 */
export default async function generateStage(
  tree: Tree,
  { name, project, summary = 'Count the characters of a text' }: StageOptions,
): Promise<void> {
  assertCamelCase(name);
  const file = kebabCase(name);
  change(tree, `${project}/package.json`, (manifest) =>
    withDependencies(manifest, { '@overture/dag': '*', '@overture/execution': '*', zod: '^4.6.7' }),
  );
  writeNew(tree, {
    [`${project}/src/${file}.ts`]: source(name, summary),
    [`${project}/src/${file}.test.ts`]: test(name, file),
  });
  change(
    tree,
    `${project}/src/index.ts`,
    (index) => `${index}export { ${name}, ${name}Stage } from './${file}.ts';\n`,
  );
  await formatFiles(tree);
}

function source(name: string, summary: string): string {
  return `import { defineStage } from '@overture/dag';
import { implement } from '@overture/execution';
import { z } from 'zod';

/**
 * The contract, said once: a pipeline sees only this. Raise the version whenever the same input gives another
 * output.
 */
export const ${name} = defineStage({
  name: '${name}',
  version: 1,
  summary: ${JSON.stringify(summary)},
  queue: 'light',
  input: z.strictObject({ text: z.string().min(1) }),
  output: z.object({ characters: z.int() }),
});

/** The code behind the contract, for the worker. */
export const ${name}Stage = implement(${name}, async ({ text }, { heartbeat }) => {
  heartbeat({ message: 'counting' });
  return { characters: [...text].length };
});
`;
}

function test(name: string, file: string): string {
  return `import { executeStage } from '@overture/execution';
import { testServices } from '@overture/execution/testing';
import { describe, expect, it } from 'vitest';
import { ${name}Stage } from './${file}.ts';

describe('${name}', () => {
  it('runs once for equal inputs', async () => {
    await using test = await testServices(() => undefined);
    expect(await executeStage(${name}Stage, test.request({ text: 'four' }, 'first'), test)).toMatchObject({ reused: false, output: { characters: 4 } });
    expect(await executeStage(${name}Stage, test.request({ text: 'four' }, 'second'), test)).toMatchObject({ reused: true, output: { characters: 4 } });
  });

  it('refuses wrong input with a sentence', async () => {
    await using test = await testServices(() => undefined);
    await expect(executeStage(${name}Stage, test.request({ texts: 'four' }), test)).rejects.toThrow('texts is not a known key. Did you mean "text"? Known here: text.');
  });
});
`;
}
