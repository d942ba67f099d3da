/** Builds the npm package of a lib: `node tools/publish/src/build-package.ts libs/core`. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { publishedManifest, type Manifest } from './published-manifest.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const project = resolve(root, process.argv[2] ?? '.');
const [dist, target] = [join(project, 'dist'), join(project, 'dist', 'package')];
const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

// References are not inherited. With them, other libs are read as declarations and stay out of this package.
const { references = [] } = readJson<{ references?: { path: string }[] }>(join(project, 'tsconfig.lib.json'));
const settings = {
  extends: '../tsconfig.lib.json',
  compilerOptions: {
    composite: false,
    incremental: false,
    tsBuildInfoFile: null,
    emitDeclarationOnly: false,
    declarationMap: false,
    sourceMap: false,
    rootDir: '../src',
    outDir: 'package/lib',
  },
  include: ['../src/**/*.ts'],
  exclude: ['../src/**/*.test.ts', '../src/**/*.test-d.ts', '../src/**/testing/**', '../src/testing/**'],
  references: references.map(({ path }) => ({ path: join('..', path) })),
};
writeFileSync(join(dist, 'tsconfig.package.json'), JSON.stringify(settings, undefined, 2));
execFileSync(
  process.execPath,
  [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(dist, 'tsconfig.package.json')],
  { stdio: 'inherit' },
);

// The compiler rewrites `./x.ts` only in JavaScript, and older compilers do not find x.d.ts under that name.
for (const file of globSync('lib/**/*.d.ts', { cwd: target })) {
  const path = join(target, file);
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replaceAll(/(from |import\()(['"])(\.{1,2}\/[^'"]+)\.ts\2/g, '$1$2$3.js$2'),
  );
}

const manifest = readJson<Manifest>(join(project, 'package.json'));
writeFileSync(join(target, 'package.json'), `${JSON.stringify(publishedManifest(manifest), undefined, 2)}\n`);
for (const folder of manifest.files ?? [])
  cpSync(join(project, folder), join(target, folder), { recursive: true });
cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
if (existsSync(join(project, 'README.md'))) cpSync(join(project, 'README.md'), join(target, 'README.md'));
