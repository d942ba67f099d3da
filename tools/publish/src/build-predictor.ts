/**
 * Builds the npm package `overture-predictor` and its tarball: `node tools/publish/src/build-predictor.ts
 * libs/inference`. Unlike the packages of single libs, it contains the code of all libs that it needs.
 * Third-party packages remain dependencies.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { copyDeclarations } from './copy-declarations.ts';
import { workspaceLibs } from './workspace-libs.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const project = resolve(root, process.argv[2] ?? 'libs/inference');
const target = join(project, 'dist', 'package');
const entry = join(project, 'src', 'predictor-package.ts');

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

// Programs of child processes and threads are located by URL, relative to the code that starts them.
const programs = ['service-child', 'session-child', 'session-thread', 'watch-parent-thread'].map((name) =>
  join(root, 'libs/runtime/src', `${name}.ts`),
);
const { metafile } = await build({
  entryPoints: [
    { in: entry, out: 'index' },
    ...programs.map((path) => ({ in: path, out: path.split(/[\\/]/).at(-1)!.replace(/\.ts$/, '') })),
  ],
  outdir: join(target, 'lib'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  metafile: true,
  legalComments: 'none',
  chunkNames: 'chunk-[hash]',
  plugins: [workspaceLibs()],
});
for (const file of globSync('lib/*.js', { cwd: target })) {
  const path = join(target, file);
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replaceAll(
      /new URL\((["'])\.\/([\w-]+)\.ts\1, import\.meta\.url\)/g,
      'new URL($1./$2.js$1, import.meta.url)',
    ),
  );
}
copyDeclarations(entry, { root, to: join(target, 'types') });

const { version, license } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  version: string;
  license: string;
};
const manifest = {
  name: 'overture-predictor',
  version,
  license,
  description:
    'Predicts with a model that Overture exported: when a conversational system should take the initiative',
  type: 'module',
  engines: { node: '>=20' },
  files: ['lib', 'types'],
  exports: { '.': { types: './types/inference/predictor-package.d.ts', default: './lib/index.js' } },
  dependencies: externalDependencies(),
};
writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
cpSync(join(project, 'predictor', 'README.md'), join(target, 'README.md'));
// npm is started by its own launcher, because it may need another Node than this one.
execFileSync('npm', ['pack', '--pack-destination', target, '--ignore-scripts'], {
  cwd: target,
  stdio: ['ignore', 'ignore', 'inherit'],
  shell: process.platform === 'win32',
});

/** Packages that the code imports, at the versions given by the libs. */
function externalDependencies(): Record<string, string> {
  const imported = new Set(
    Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.filter(({ external }) => external).map(({ path }) => packageOf(path)),
    ),
  );
  const ranges = new Map(
    globSync('libs/*/package.json', { cwd: root }).flatMap((file) =>
      Object.entries(
        (JSON.parse(readFileSync(join(root, file), 'utf8')) as { dependencies?: Record<string, string> })
          .dependencies ?? {},
      ),
    ),
  );
  imported.add('onnxruntime-node'); // also loaded by require
  const names = [...imported].filter((name) => !name.startsWith('node:')).sort();
  return Object.fromEntries(
    names.map((name) => {
      const range = ranges.get(name);
      if (range === undefined)
        throw new Error(
          `${name} is imported by the predictor and no lib depends on it (${relative(root, project)}).`,
        );
      return [name, range];
    }),
  );
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
