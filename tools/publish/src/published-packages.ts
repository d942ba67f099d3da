import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The project folder. */
export const root = resolve(import.meta.dirname, '..', '..', '..');

/** The parts of a package.json that these tests read. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
}

/** Reads a package.json. */
export const readPackage = (path: string): PackageJson =>
  JSON.parse(readFileSync(path, 'utf8')) as PackageJson;

/** The publishable libs by name, with the folders of their built packages. */
export const publishedPackages: ReadonlyMap<string, string> = new Map(
  globSync('libs/*/package.json', { cwd: root }).flatMap((file) => {
    const { name, nx } = readPackage(join(root, file));
    return nx?.tags?.includes('publishable')
      ? [[name, join(root, dirname(file), 'dist', 'package')] as const]
      : [];
  }),
);

/**
 * Packs a package as npm would and returns the tarball.
 * @param folder the package's folder
 * @param into the folder for the tarball
 */
export function pack(name: string, folder: string, into: string): string {
  if (!existsSync(join(folder, 'package.json')))
    throw new Error(`${folder} must be built: npx nx run-many -t build.`);
  const file = join(into, `${name.replace('@', '').replace('/', '-')}.tgz`);
  execFileSync('tar', [
    '-czhf',
    file,
    '--exclude=node_modules',
    '--transform',
    's,^\\.,package,',
    '-C',
    folder,
    '.',
  ]);
  return file;
}
