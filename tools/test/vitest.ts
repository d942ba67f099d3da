import { defineConfig, type ViteUserConfig } from 'vitest/config';

/**
 * Test settings of one project. Forked processes rather than threads, because onnxruntime and Temporal load
 * native code; a JSON report beside the console's lets `npm test` add up all projects, cached ones included.
 */
export function projectTests(root: string, test: NonNullable<ViteUserConfig['test']> = {}): ViteUserConfig {
  return defineConfig({
    root,
    cacheDir: `${root}/dist/.vite`,
    test: {
      include: ['src/**/*.test.ts'],
      pool: 'forks',
      maxWorkers: 1,
      passWithNoTests: true,
      testTimeout: 30_000,
      reporters: ['default', ['json', { outputFile: `${root}/test-results/vitest.json` }]],
      ...test,
    },
  });
}
