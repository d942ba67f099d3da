import { createServer } from 'node:net';
import { once } from 'node:events';

/**
 * A free port on the loopback interface: the first free one of `preferred`, or else one that the kernel
 * picks. Another process may take the port before it is used, so the caller must be ready to retry.
 */
export async function freePort(preferred: readonly number[] = []): Promise<number> {
  for (const port of [...preferred, 0]) {
    const bound = await tryListen(port);
    if (bound !== undefined) return bound;
  }
  throw new Error('unreachable: the kernel always has a port for 0');
}

async function tryListen(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (port !== 0 && (code === 'EADDRINUSE' || code === 'EACCES')) return undefined;
    throw error;
  } finally {
    server.close();
  }
}
