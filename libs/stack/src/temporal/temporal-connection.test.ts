import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Connection } from '@temporalio/client';
import { expect, it } from 'vitest';
import { connectionOptions } from './temporal-connection.ts';

it('can be closed while a call is between two attempts: the call ends, and nothing is thrown in a timer', async () => {
  let attempts = 0;
  const second = Promise.withResolvers<void>();
  // A server that refuses every call makes the client retry.
  const server = createServer((socket) => {
    if (++attempts === 2) second.resolve();
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = Connection.lazy(
    connectionOptions({ address: `127.0.0.1:${(server.address() as AddressInfo).port}` }),
  );
  const call = connection.workflowService.describeNamespace({ namespace: 'default' });
  const ended = expect(call).rejects.toThrow(/Channel has been shut down|CANCELLED/);
  await second.promise;
  await connection.close();
  await ended;
  server.close();
});
