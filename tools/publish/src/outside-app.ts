import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pack, publishedPackages, root } from './published-packages.ts';

/** A copy of an example in an empty folder outside the workspace. */
export interface OutsideApp extends Disposable {
  readonly folder: string;
  /** Type-checks all of its files. */
  typecheck(): void;
  /** Starts its worker and waits until it takes tasks. */
  startWorker(env: Readonly<Record<string, string>>): Promise<OutsideWorker>;
}

/** A running worker of such a copy. */
export interface OutsideWorker extends AsyncDisposable {
  readonly pid: number;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Copies an example out of the workspace. Our packages come from their tarballs; those of others are links to
 * the workspace's, so that no registry is needed.
 * @param example a folder in `examples/`
 */
export function outsideApp(example: string): OutsideApp {
  const folder = mkdtempSync(join(tmpdir(), `overture-${example}-`));
  cpSync(join(root, 'examples', example), folder, {
    recursive: true,
    filter: (path) => !/\/(dist|node_modules|tsconfig[^/]*|test-results)$/.test(path),
  });
  installTarballs(folder);
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: ['node'],
    lib: ['es2024', 'esnext.disposable'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  return {
    folder,
    typecheck: () =>
      void execFileSync(
        process.execPath,
        [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder],
        { encoding: 'utf8' },
      ),
    startWorker: (env) => startWorker(folder, env),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function installTarballs(folder: string): void {
  const [modules, workspace] = [join(folder, 'node_modules'), join(root, 'node_modules')];
  mkdirSync(join(modules, '@overture'), { recursive: true });
  for (const name of readdirSync(workspace))
    if (name !== '@overture' && !name.startsWith('.'))
      symlinkSync(join(workspace, name), join(modules, name));
  for (const [name, built] of publishedPackages) {
    const into = join(modules, name);
    mkdirSync(into);
    const tarball = pack(name, built, folder);
    execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', into]);
    rmSync(tarball);
  }
}

/** A module that ends its process with the parent, even if that is killed, and does not keep it alive. */
const endsWithParent = `data:text/javascript,${encodeURIComponent("import { isMainThread } from 'node:worker_threads'; if (isMainThread) process.stdin.on('end', () => process.exit()).resume().unref();")}`;

async function startWorker(folder: string, env: Readonly<Record<string, string>>): Promise<OutsideWorker> {
  const child = spawn(process.execPath, ['--import', endsWithParent, 'worker.ts'], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const said: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        said.push(line);
        if (line.includes('The worker is ready.')) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`The worker ended with ${code}:\n${said.join('\n')}`)));
  });
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  await ready.catch(async (error: unknown) => {
    await kill('SIGKILL');
    throw error;
  });
  return {
    pid: child.pid as number,
    kill,
    [Symbol.asyncDispose]: () =>
      child.exitCode === null && child.signalCode === null ? kill('SIGTERM') : Promise.resolve(),
  };
}
