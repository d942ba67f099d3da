import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort } from './free-port.ts';

describe('freePort', () => {
  it('prefers the first port that is free', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const spare = await freePort();
    expect(await freePort([port, spare])).toBe(spare);
    expect(await freePort([port])).not.toBe(port);
    taken.close();
  });
});
