import nx from '@nx/eslint-plugin';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/** Layers as in docs/architecture.md: a project may import from strictly lower layers only. */
const layers = [0, 1, 2, 3, 4, 5, 6, 7];
const layerConstraints = layers.map((layer) => ({
  sourceTag: `layer:${layer}`,
  onlyDependOnLibsWithTags: layers.filter((lower) => lower < layer).map((lower) => `layer:${lower}`),
}));

const bounded = ['libs/*/src/**/*.ts', 'workflows/src/**/*.ts'];
const testing = ['**/*.test.ts', '**/*.test-d.ts', '**/testing/**/*.ts', '**/vitest.config.ts'];

const forbidden = (object, property, message) => ({ object, property, message });

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/test-results/**',
      '**/.overture/**',
      '**/.venv/**',
      '**/migrations/**',
    ],
  },
  {
    files: ['**/*.ts', '**/*.mjs', '**/*.js'],
    plugins: { '@nx': nx, '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, ecmaVersion: 2024, sourceType: 'module' },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          checkDynamicDependenciesExceptions: ['.*'],
          depConstraints: [
            ...layerConstraints,
            // What runs in Temporal's sandbox, and what the sandbox imports, must not reach Node.
            { sourceTag: 'runtime:any', onlyDependOnLibsWithTags: ['runtime:any'] },
            { sourceTag: 'runtime:sandbox', onlyDependOnLibsWithTags: ['runtime:any', 'runtime:sandbox'] },
            { sourceTag: 'tool', onlyDependOnLibsWithTags: ['*'] },
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      // Prettier does not break comments, strings or regular expressions; of these, comments are wrapped by
      // hand.
      'max-len': [
        'error',
        {
          code: 110,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
          ignoreUrls: true,
        },
      ],
      'prefer-const': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportAllDeclaration',
          message:
            'A lib names what it exports, one by one, so that its surface can be read and reviewed (style.md, habit 6).',
        },
        {
          selector: 'TSEnumDeclaration',
          message: 'Use a union of string literals: enums are not erasable and do not survive JSON.',
        },
      ],
    },
  },
  {
    files: ['libs/**/*.ts', 'workflows/**/*.ts', 'apps/**/*.ts', 'tools/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.test-d.ts', '**/*.e2e.ts', '**/*.config.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: { esm: true },
          enableFixer: false,
          require: { FunctionDeclaration: true, ClassDeclaration: true },
          contexts: ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'VariableDeclaration'],
        },
      ],
    },
  },
  // The compiler's sentences are comments there, each in one line.
  { files: ['libs/dag/src/wiring.test-d.ts'], rules: { 'max-len': 'off' } },
  // Test settings come from tools/test, which is a folder and no project.
  { files: ['**/*.config.ts'], rules: { '@nx/enforce-module-boundaries': 'off' } },
  {
    files: bounded,
    ignores: testing,
    rules: {
      'no-console': ['error'],
      'no-restricted-properties': [
        'error',
        forbidden('Date', 'now', 'Pass a clock in: results must not depend on when they were computed.'),
        forbidden(
          'Math',
          'random',
          'Use counterRandom(seed, …) of @overture/core: equal inputs give equal digests.',
        ),
        forbidden('process', 'env', 'Settings are read in apps/ and tools/ and passed in.'),
      ],
    },
  },
  {
    // The sandbox has no Node; these imports would break replay or fail only when the worker bundles the
    // workflows.
    files: [
      'libs/{core,dag,protocol,durable,contracts,tensors,graph,metrics,baselines,report}/src/**/*.ts',
      'workflows/src/**/*.ts',
    ],
    ignores: testing,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*'],
              message:
                'This project is tagged runtime:any or runtime:sandbox: it also runs where Node is not.',
            },
            { group: ['onnxruntime-node'], message: 'Only libs/runtime opens onnxruntime-node.' },
          ],
        },
      ],
    },
  },
  {
    files: ['libs/**/*.ts', 'apps/**/*.ts', 'workflows/**/*.ts'],
    ignores: [
      'libs/runtime/**',
      'libs/{core,dag,protocol,durable,contracts,tensors,graph,metrics,baselines,report}/**',
      'workflows/**',
      ...testing,
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['onnxruntime-node'], message: 'Only libs/runtime opens onnxruntime-node.' }] },
      ],
    },
  },
);
