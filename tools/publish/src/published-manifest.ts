/** The part of a package.json that publishing reads. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  /** The package's doors, as paths of sources. Those for tests are not published. */
  readonly exports?: Readonly<Record<string, string>>;
  /** Folders that are published besides the code. */
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Dependencies that only some users need and install themselves; they are loaded on use. */
  readonly optionalOutside?: readonly string[];
}

/**
 * A package's manifest outside the workspace: siblings by version, and its code as JavaScript with
 * declarations.
 */
export function publishedManifest({
  name,
  version,
  description,
  license,
  exports = { '.': './src/index.ts' },
  files = [],
  dependencies = {},
  optionalOutside = [],
}: Manifest): object {
  const outside = Object.entries(dependencies).map(([dependency, range]) => [
    dependency,
    dependency.startsWith('@overture/') ? version : range,
  ]);
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    engines: { node: '>=22' },
    files: ['lib', ...files],
    exports: Object.fromEntries(
      Object.entries(exports).flatMap(([door, source]) =>
        isForTests(source) ? [] : [[door, built(source)]],
      ),
    ),
    dependencies: Object.fromEntries(
      outside.filter(([dependency = '']) => !optionalOutside.includes(dependency)),
    ),
    ...(optionalOutside.length > 0 && {
      peerDependencies: Object.fromEntries(
        outside.filter(([dependency = '']) => optionalOutside.includes(dependency)),
      ),
      peerDependenciesMeta: Object.fromEntries(
        optionalOutside.map((dependency) => [dependency, { optional: true }]),
      ),
    }),
  };
}

function isForTests(source: string): boolean {
  return source.includes('/testing/');
}

/** The declarations and the JavaScript of a source file. */
function built(source: string): { types: string; default: string } {
  const path = source.replace('./src/', './lib/').replace(/\.ts$/, '');
  return { types: `${path}.d.ts`, default: `${path}.js` };
}
