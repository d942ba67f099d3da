import { nodeFileSystem, type FileHandleLike, type FileSystem } from '../file-system.ts';

/**
 * Wraps Node's file system, counts its operations and makes the n-th one fail (from 1; 0 means none). Every
 * write is cut in half, as on a disk that is nearly full; a failing write also writes half before it fails.
 * With `sticky`, all later operations fail too, as if the process had died.
 */
export function failingFileSystem(
  n: number,
  { code = 'ENOSPC', sticky = false }: { code?: string; sticky?: boolean } = {},
): { fileSystem: FileSystem; operations: () => number } {
  let count = 0;
  const fails = (): boolean => {
    count += 1;
    return count === n || (sticky && n > 0 && count > n);
  };
  const step = async <T>(syscall: string, run: () => Promise<T>): Promise<T> => {
    if (fails()) throw injected(code, syscall);
    return run();
  };
  const handle = (inner: FileHandleLike): FileHandleLike => ({
    read: (buffer, offset, length) => step('read', () => inner.read(buffer, offset, length)),
    stat: () => step('fstat', () => inner.stat()),
    sync: () => step('fsync', () => inner.sync()),
    async write(buffer, offset, length) {
      const failing = fails();
      const written = await inner.write(buffer, offset, Math.ceil(length / 2));
      if (failing) throw injected(code, 'write');
      return written;
    },
    async close() {
      const failing = fails();
      await inner.close();
      if (failing) throw injected(code, 'close');
    },
  });
  const fileSystem: FileSystem = {
    open: async (path, flags, mode) =>
      handle(await step('open', () => nodeFileSystem.open(path, flags, mode))),
    rename: (from, to) => step('rename', () => nodeFileSystem.rename(from, to)),
    mkdir: (path, options) => step('mkdir', () => nodeFileSystem.mkdir(path, options)),
    readdir: (path) => step('scandir', () => nodeFileSystem.readdir(path)),
    lstat: (path) => step('lstat', () => nodeFileSystem.lstat(path)),
    rm: (path, options) => step('rm', () => nodeFileSystem.rm(path, options)),
  };
  return { fileSystem, operations: () => count };
}

function injected(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: injected, ${syscall}`), { code, syscall });
}
