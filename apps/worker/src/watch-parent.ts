import { fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';

/**
 * Calls `parentGone` when the parent process dies, which closes its end of our standard input. Does nothing
 * if standard input is not a pipe or a socket, for example a terminal, a file or /dev/null.
 */
export function watchParent(
  stdin: Readable & { readonly fd: number; unref?(): unknown },
  parentGone: () => void,
): void {
  const kind = fstatSync(stdin.fd);
  if (!kind.isFIFO() && !kind.isSocket()) return;
  stdin.once('end', parentGone).once('error', parentGone);
  stdin.resume();
  // Watching must not keep the process alive after its work is done.
  stdin.unref?.();
}
