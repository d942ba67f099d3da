/**
 * Runs the checks of every project and adds up their tests: `node tools/test/run.ts [targets…]`.
 *
 * Nx runs and caches the targets; vitest leaves a JSON report per project and target, which is a cached
 * output, so the sum also counts what was not run again. A failed check that is no test (lint, types) counts
 * as one failure.
 */
import { spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const testTargets = ['test', 'e2e'];

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  success: boolean;
}

async function run(target: string): Promise<boolean> {
  const nx = join(root, 'node_modules', '.bin', 'nx');
  const parallel = target === 'e2e' ? 1 : 2;
  const child = spawn(
    nx,
    ['run-many', '-t', target, `--parallel=${parallel}`, '--nxBail=false', '--output-style=static'],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' },
    },
  );
  return new Promise((resolve) => child.once('exit', (code) => resolve(code === 0)));
}

/** Projects with tests of this target: those whose settings file for it exists. */
function projectsOf(target: string): string[] {
  const config = target === 'e2e' ? 'e2e.config.ts' : 'vitest.config.ts';
  return globSync(
    [
      `libs/*/${config}`,
      `workflows/${config}`,
      `apps/*/${config}`,
      `tools/*/${config}`,
      `examples/${config}`,
      `examples/*/${config}`,
    ],
    { cwd: root },
  )
    .map((file) => file.slice(0, -config.length - 1))
    .sort();
}

function addUp(target: string, counts: Counts): void {
  for (const project of projectsOf(target)) {
    const file = join(root, project, 'test-results', target === 'e2e' ? 'e2e.json' : 'vitest.json');
    if (!existsSync(file)) {
      console.error(`${project}: no report of its ${target} (${file}); counted as one failure.`);
      counts.failed += 1;
      continue;
    }
    const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
    counts.passed += report.numPassedTests;
    counts.failed += report.numFailedTests;
    counts.skipped += report.numPendingTests + report.numTodoTests;
    if (!report.success && report.numFailedTests === 0) counts.failed += 1;
  }
}

const targets = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['typecheck', 'lint', 'test'];
const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
const started = performance.now();
for (const target of targets) {
  const before = counts.failed;
  const green = await run(target);
  if (testTargets.includes(target)) addUp(target, counts);
  if (!green && counts.failed === before) counts.failed += 1;
}
console.error(`Checked ${targets.join(', ')} in ${((performance.now() - started) / 1000).toFixed(0)} s.`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
