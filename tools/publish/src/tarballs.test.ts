import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pack, publishedPackages, readPackage, root } from './published-packages.ts';

let outside: string;
beforeAll(() => void (outside = mkdtempSync(join(tmpdir(), 'overture-outside-'))));
afterAll(() => rmSync(outside, { recursive: true, force: true }));

/**
 * The libs that need no large package of others, such as Temporal's. `reading-list.test.ts` covers the rest.
 */
const packages = new Map(
  [...publishedPackages].filter(
    ([name]) =>
      !['registry', 'execution', 'durable', 'durable-worker'].includes(name.replace('@overture/', '')),
  ),
);

/**
 * The third-party packages that these need, with their dependencies. They are taken from the workspace, so no
 * registry is used.
 */
function othersNeeded(): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (manifest: string): void => {
    for (const name of Object.keys(readPackage(manifest).dependencies ?? {})) {
      if (packages.has(name) || found.has(name)) continue;
      const folder = folderOf(name, manifest);
      found.set(name, folder);
      visit(join(folder, 'package.json'));
    }
  };
  for (const folder of packages.values()) visit(join(folder, 'package.json'));
  return found;
}

function folderOf(name: string, from: string): string {
  const candidates = createRequire(from).resolve.paths(name) ?? [];
  const folder = candidates
    .map((path) => join(path, name))
    .find((path) => existsSync(join(path, 'package.json')));
  if (folder === undefined) throw new Error(`${name} must be installed for ${from}.`);
  return folder;
}

const program = `
import { digestOf } from '@overture/core';
import { defineStage, pipeline, printPlan } from '@overture/dag';
import { encodeSafetensors, float32, parseSafetensors } from '@overture/tensors';
import { graphBuilder, mul, printGraph } from '@overture/graph';
import { evaluateScores } from '@overture/metrics';
import { artifact } from '@overture/protocol';
import { memoryStore } from '@overture/artifacts';
import { z } from 'zod';

const count = defineStage({ name: 'count', version: 1, summary: 'Count words', queue: 'light', input: z.strictObject({ uri: z.string() }), output: z.object({ words: z.int(), text: artifact('text') }) });
const plan = pipeline('words', z.strictObject({ uri: z.string() }), ({ uri }, run) => ({ words: run(count, { uri }).words })).plan({ uri: 'here' });
// @ts-expect-error wiring is checked outside the workspace as well
pipeline('wrong', z.strictObject({}), (_, run) => run(count, { uri: 7 }));
const store = memoryStore();
const ref = await store.put('text', new TextEncoder().encode('hello'));
const builder = graphBuilder('square');
const x = builder.input('x', 'float32', ['rows']);
builder.output('y', mul(x, x));
const weights = parseSafetensors(encodeSafetensors(new Map([['w', float32([2], [1, 2])]])), 'memory');
const { macroF1 } = evaluateScores({ labels: [1, 0], probabilities: [0.9, 0.1], groups: ['a', 'b'] }, { threshold: 0.5 });
console.log(JSON.stringify({ plan: printPlan(plan), same: ref.digest === digestOf('hello'), graph: printGraph(builder.build()).includes('Mul'), tensors: [...weights.tensors.keys()], macroF1 }));
`;

it('works from tarballs in a project outside the workspace', () => {
  expect([...packages.keys()].sort()).toEqual(
    [
      'artifacts',
      'contracts',
      'core',
      'dag',
      'graph',
      'metrics',
      'protocol',
      'tensors',
      'training-settings',
    ].map((name) => `@overture/${name}`),
  );
  const tarballs = Object.fromEntries(
    [...packages, ...othersNeeded()].map(([name, folder]) => [name, `file:${pack(name, folder, outside)}`]),
  );
  writeFileSync(
    join(outside, 'package.json'),
    JSON.stringify({ name: 'outside', version: '1.0.0', type: 'module', dependencies: tarballs }),
  );
  const npm = {
    cwd: outside,
    encoding: 'utf8' as const,
    env: { ...process.env, npm_config_offline: 'true', npm_config_cache: join(outside, 'cache') },
  };
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], npm);
  writeFileSync(join(outside, 'program.ts'), program);
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    skipLibCheck: true,
    types: [],
    lib: ['es2024', 'esnext.disposable', 'dom'],
    outDir: 'out',
  };
  writeFileSync(join(outside, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  execFileSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', outside], {
    encoding: 'utf8',
  });
  const said = JSON.parse(
    execFileSync(process.execPath, [join(outside, 'out', 'program.js')], { encoding: 'utf8' }),
  );
  expect(said).toEqual({
    plan: expect.stringContaining('count = count@1("uri":"here") on light'),
    same: true,
    graph: true,
    tensors: ['w'],
    macroF1: 1,
  });
});
