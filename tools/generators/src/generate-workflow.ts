import { formatFiles, type Tree } from '@nx/devkit';
import { change, withImport, writeNew } from './files.ts';
import { assertCamelCase, kebabCase, pascalCase } from './names.ts';

/** Options of the workflow generator. */
export interface WorkflowOptions {
  /** In camelCase; the name that users start. */
  readonly name: string;
  readonly summary?: string;
}

/**
 * Generates a pipeline in `workflows/` that begins with a corpus, the durable workflow of that name, and a
 * test of its plan.
 */
export default async function generateWorkflow(
  tree: Tree,
  { name, summary = 'Dialogues → a corpus that is read and checked' }: WorkflowOptions,
): Promise<void> {
  assertCamelCase(name);
  const file = kebabCase(name);
  const module = `./${file}.ts`;
  writeNew(tree, {
    [`workflows/src/${file}.ts`]: source(name, summary),
    [`workflows/src/${file}.test.ts`]: test(name, module),
  });
  change(
    tree,
    'workflows/src/workflows.ts',
    (text) =>
      `${withImport(text, `import { ${name}Pipeline } from '${module}';`)}\n/** ${summary}; see \`${pascalCase(name)}Input\` for its keys. */\nexport const ${name} = durable(${name}Pipeline, { application });\n`,
  );
  change(tree, 'workflows/src/pipelines.ts', (text) =>
    withImport(text, `import { ${name}Pipeline } from '${module}';`).replace(
      /,?\s*\} as const;/,
      `, ${name}: ${name}Pipeline } as const;`,
    ),
  );
  change(
    tree,
    'workflows/src/index.ts',
    (text) =>
      `${text}export { ${name}Pipeline } from '${module}';\nexport { ${name} } from './workflows.ts';\n`,
  );
  await formatFiles(tree);
}

function source(name: string, summary: string): string {
  return `import { corpusInput, ingest } from '@overture/contracts';
import { runControl } from '@overture/protocol';
import { pipeline } from '@overture/dag';
import { z } from 'zod';

/** The one argument of \`${name}\`: everything optional, unknown keys refused. */
export const ${pascalCase(name)}Input = z.strictObject({ corpus: corpusInput.prefault({}), ...runControl });

/** ${summary}. */
export const ${name}Pipeline = pipeline('${name}', ${pascalCase(name)}Input, (input, run) => {
  const { corpus, source } = run(ingest, input.corpus);
  return { corpus, source };
});
`;
}

function test(name: string, module: string): string {
  return `import type { StageNode } from '@overture/dag';
import { describe, expect, it } from 'vitest';
import { ${name}Pipeline } from '${module}';
import { pipelines } from './pipelines.ts';

describe('${name}Pipeline', () => {
  it('is a picture of itself', () => {
    const { nodes } = ${name}Pipeline.plan({});
    expect((nodes as readonly StageNode[]).map(({ id, needs, queue }) => \`\${id} ← \${needs.join(', ')} (\${queue})\`)).toEqual(['ingest ←  (light)']);
  });

  it('names every wrong key', () => {
    expect(() => ${name}Pipeline.plan({ corpsu: {} })).toThrow('corpsu is not a known key. Did you mean "corpus"? Known here: corpus, onStageFailure, parkTimeoutHours, continueAfterEvents.');
  });

  it('can be planned from outside', () => {
    expect(pipelines.${name}).toBe(${name}Pipeline);
  });
});
`;
}
