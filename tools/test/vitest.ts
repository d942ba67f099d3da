import { defineConfig, type ViteUserConfig } from 'vitest/config';

const hangsAfterMs = 1_800_000;

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
      // Only for tests that hang: what is slow depends on the machine, which may have one busy core.
      testTimeout: hangsAfterMs,
      hookTimeout: hangsAfterMs,
      expect: { poll: { timeout: hangsAfterMs } },
      reporters: ['default', ['json', { outputFile: `${root}/test-results/vitest.json` }]],
      ...test,
    },
  });
}
