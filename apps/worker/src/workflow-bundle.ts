import { bundleWorkflowCode, type Logger } from '@temporalio/worker';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Options of `workflowBundle`. */
export interface WorkflowBundleOptions {
  /** The module that exports the workflows. */
  readonly workflowsUrl: string;
  /** The folder for finished bundles. */
  readonly cacheDir: string;
  readonly logger: Logger;
}

/**
 * Bundles the workflows for the sandbox and returns the path of the file. Bundling takes seconds, so a bundle
 * is cached under the digest of its inputs: our sources and the versions of the packages.
 */
export async function workflowBundle({
  workflowsUrl,
  cacheDir,
  logger,
}: WorkflowBundleOptions): Promise<string> {
  const entry = fileURLToPath(workflowsUrl);
  const file = join(cacheDir, `workflows-${sourcesDigest(packageFolder(entry))}.js`);
  if (existsSync(file)) return file;
  const { code } = await bundleWorkflowCode({ workflowsPath: entry, logger });
  await mkdir(cacheDir, { recursive: true });
  const draft = `${file}.${randomUUID()}.draft`;
  await writeFile(draft, code);
  await rename(draft, file);
  return file;
}

/**
 * The first 24 hexadecimal digits of a SHA-256. It covers the sources of a package and of our packages that
 * it depends on, and the versions of all other packages.
 */
function sourcesDigest(root: string): string {
  const hash = createHash('sha256');
  const seen = new Set<string>();
  const visit = (folder: string): void => {
    if (seen.has(folder)) return;
    seen.add(folder);
    const {
      name,
      version,
      dependencies = {},
    } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      dependencies?: Record<string, string>;
    };
    hash.update(`${name}@${version}\n`);
    if (!isOurs(name)) return;
    for (const path of globSync('src/**/*.ts', { cwd: folder }).sort())
      hash.update(`${path}\n`).update(readFileSync(join(folder, path)));
    for (const dependency of Object.keys(dependencies).sort()) visit(resolvedFolder(dependency, folder));
  };
  visit(root);
  visit(resolvedFolder('@temporalio/worker', root));
  return hash.digest('hex').slice(0, 24);
}

function isOurs(name: string): boolean {
  return name.startsWith('@overture/');
}

function resolvedFolder(dependency: string, from: string): string {
  return packageFolder(createRequire(join(from, 'package.json')).resolve(dependency), dependency);
}

/** The folder of the package that a file belongs to: the nearest one whose package.json has a name. */
function packageFolder(file: string, name?: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const found = (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name;
    if (found !== undefined && (name === undefined || found === name)) return folder;
  }
  throw new Error(
    `${file} must lie in a package${name === undefined ? '' : ` called ${name}`}; no package.json above it says so.`,
  );
}
