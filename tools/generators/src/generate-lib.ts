import { formatFiles, type Tree } from '@nx/devkit';
import { writeNew } from './files.ts';
import { assertKebabCase } from './names.ts';

/** Options of the lib generator. */
export interface LibOptions {
  /** In kebab-case. */
  readonly name: string;
  readonly layer?: number;
  readonly runs?: 'any' | 'node';
  readonly summary?: string;
}

/** Generates a lib in `libs/`, with a README, one exported function and its test. */
export default async function generateLib(
  tree: Tree,
  { name, layer = 5, runs = 'node', summary = `What the workspace knows of ${name}` }: LibOptions,
): Promise<void> {
  assertKebabCase(name);
  const fn = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const typescript = (kind: 'lib' | 'spec', more: object): string =>
    json({
      extends: '../../tsconfig.base.json',
      compilerOptions: {
        rootDir: 'src',
        outDir: 'dist',
        tsBuildInfoFile: `dist/tsconfig.${kind}.tsbuildinfo`,
      },
      ...more,
    });
  const files = {
    'package.json': json({
      name: `@overture/${name}`,
      version: '0.1.0',
      private: true,
      description: summary,
      license: 'Apache-2.0',
      type: 'module',
      exports: { '.': './src/index.ts' },
      nx: { tags: [`layer:${layer}`, `runtime:${runs}`] },
      dependencies: { '@overture/core': '*' },
    }),
    'README.md': `# ${name}\n\n${summary}.\n`,
    'tsconfig.json': json({
      files: [],
      include: [],
      references: [{ path: './tsconfig.lib.json' }, { path: './tsconfig.spec.json' }],
    }),
    'tsconfig.lib.json': typescript('lib', {
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/**/*.test-d.ts'],
      references: [{ path: '../core/tsconfig.lib.json' }],
    }),
    'tsconfig.spec.json': typescript('spec', {
      include: ['src/**/*.test.ts', 'src/**/*.test-d.ts'],
      references: [{ path: './tsconfig.lib.json' }],
    }),
    'vitest.config.ts': `import { projectTests } from '../../tools/test/vitest.ts';\n\nexport default projectTests(import.meta.dirname);\n`,
    'src/index.ts': `export { ${fn} } from './${name}.ts';\n`,
    [`src/${name}.ts`]: source(fn),
    [`src/${name}.test.ts`]: test(fn, name),
  };
  writeNew(
    tree,
    Object.fromEntries(Object.entries(files).map(([path, content]) => [`libs/${name}/${path}`, content])),
  );
  await formatFiles(tree);
}

function source(fn: string): string {
  return `import { AppError } from '@overture/core';

/** Says hello to somebody. @throws AppError \`NAME_EMPTY\` */
export function ${fn}(name: string): string {
  if (name === '') throw new AppError('NAME_EMPTY', 'The name must have at least one letter. Got none.');
  return \`Hello, \${name}.\`;
}
`;
}

function test(fn: string, name: string): string {
  return `import { describe, expect, it } from 'vitest';
import { ${fn} } from './${name}.ts';

describe('${fn}', () => {
  it('says hello, and what it needs', () => {
    expect(${fn}('Ada')).toBe('Hello, Ada.');
    expect(() => ${fn}('')).toThrow('The name must have at least one letter. Got none.');
  });
});
`;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
