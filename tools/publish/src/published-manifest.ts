/** The part of a package.json that publishing reads. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Dependencies that only some users need and install themselves; they are loaded on use. */
  readonly optionalOutside?: readonly string[];
}

/**
 * A package's manifest outside the workspace: siblings by version, and its code as JavaScript with
 * declarations.
 */
export function publishedManifest({ name, version, description, license, dependencies = {}, optionalOutside = [] }: Manifest): object {
  const outside = Object.entries(dependencies).map(([dependency, range]) => [dependency, dependency.startsWith('@overture/') ? version : range]);
  return {
    name, version, description, license,
    type: 'module',
    engines: { node: '>=20' },
    files: ['lib'],
    exports: { '.': { types: './lib/index.d.ts', default: './lib/index.js' } },
    dependencies: Object.fromEntries(outside.filter(([dependency = '']) => !optionalOutside.includes(dependency))),
    ...(optionalOutside.length > 0 && {
      peerDependencies: Object.fromEntries(outside.filter(([dependency = '']) => optionalOutside.includes(dependency))),
      peerDependenciesMeta: Object.fromEntries(optionalOutside.map((dependency) => [dependency, { optional: true }])),
    }),
  };
}
