/**
 * Runs the tests that use processes, servers or time again and again: `npm run test:repeat -- 10 [--busy]
 * [--one-core] [--only TEXT]`.
 *
 * `--busy` keeps every core busy beside them; `--one-core` pins them, and what keeps them busy, to one core
 * (Linux).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
/** What makes a test depend on the machine: other processes, servers, timers, the clock. */
const dependsOnMachine =
  /node:child_process|node:net|node:http|timers\/promises|setTimeout\(|expect\.poll|vi\.waitFor|performance\.now\(|Date\.now\(|cpuUsage\(|AbortSignal\.timeout|worker_threads|startWorker|withRun|emptyDatabase|openStack|runCases|openSessionPool|inChildProcess|KernelThread|lifecycle\.ts/;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    busy: { type: 'boolean', default: false },
    'one-core': { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const times = Number(positionals[0] ?? '10');
if (!Number.isInteger(times) || times < 1)
  throw new Error(
    `The first argument must be how often to run the tests, such as 10. Got ${positionals[0]} instead.`,
  );

/** Test files by project folder. */
function testsByProject(): Map<string, string[]> {
  const files = globSync(
    [
      'libs/*/src/**/*.test.ts',
      'workflows/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'tools/*/src/**/*.test.ts',
      'examples/*/*.test.ts',
    ],
    { cwd: root },
  );
  const projects = new Map<string, string[]>();
  for (const file of files.sort()) {
    if (!file.includes(values.only) || !dependsOnMachine.test(readFileSync(join(root, file), 'utf8')))
      continue;
    const project = file.startsWith('workflows/') ? 'workflows' : file.split('/').slice(0, 2).join('/');
    projects.set(project, [...(projects.get(project) ?? []), file.slice(project.length + 1)]);
  }
  return projects;
}

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

function start(command: readonly string[], output: 'pipe' | 'ignore'): ChildProcess {
  const [program = '', ...args] = [...(values['one-core'] ? ['taskset', '-c', '0'] : []), ...command];
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', output, output],
    env: { ...process.env, NO_COLOR: '1' },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function passes(project: string, files: readonly string[]): Promise<boolean> {
  const child = start(
    [
      process.execPath,
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--root',
      project,
      ...files,
    ],
    'pipe',
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) process.stdout.write(output);
  return code === 0;
}

// Two at least, so that they also compete with each other.
if (values.busy)
  for (let i = 0; i < Math.max(2, availableParallelism()); i++)
    start([process.execPath, '-e', 'for (;;);'], 'ignore');
const projects = testsByProject();
let [passed, failed] = [0, 0];
for (let round = 1; round <= times; round++) {
  for (const [project, files] of projects) {
    const began = performance.now();
    const passing = await passes(project, files);
    if (passing) passed++;
    else failed++;
    process.stdout.write(
      `round ${round} of ${times}, ${project} (${files.length} files): ${passing ? 'passed' : 'FAILED'} in ${((performance.now() - began) / 1000).toFixed(0)} s\n`,
    );
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
