import { fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';

/**
 * Calls `parentGone` when the process that started this one is gone: its end of our standard input then closes. Under a
 * terminal, a service manager or /dev/null there is no such pipe, and nothing happens.
 */
export function watchParent(stdin: Readable & { readonly fd: number; unref?(): unknown }, parentGone: () => void): void {
  const kind = fstatSync(stdin.fd);
  if (!kind.isFIFO() && !kind.isSocket()) return;
  stdin.once('end', parentGone).once('error', parentGone);
  stdin.resume();
  // Watching must not keep this process alive once its work is done.
  stdin.unref?.();
}
