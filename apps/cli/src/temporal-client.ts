import { Client, Connection } from '@temporalio/client';
import { AppError } from '@overture/core';
import { connectionOptions, readRunningStack, temporalSettings } from '@overture/stack';
import type { CliContext } from './context.ts';

/** A client of a running server, and the server's name for messages. */
export interface OpenClient {
  readonly client: Client;
  readonly connection: Connection;
  readonly address: string;
}

/**
 * Provides a client of the running stack, or of the server named by the environment, for the duration of
 * `use`. Starts nothing.
 * @param what start of the message if there is none, such as "Deciding about a run"
 * @throws AppError `STACK_NOT_UP`, `TEMPORAL_UNREACHABLE`
 */
export async function withTemporalClient<T>(
  { env, home }: CliContext,
  what: string,
  use: (open: OpenClient) => Promise<T>,
): Promise<T> {
  const stack = await readRunningStack(home);
  const own = temporalSettings(env);
  const address = own.address ?? stack?.temporalAddress;
  if (!address)
    throw new AppError(
      'STACK_NOT_UP',
      `${what} needs the stack that it runs on, and none is up. Start it with "overture start" (what was under way goes on where it was), or set TEMPORAL_ADDRESS.`,
    );
  const connection = await Connection.connect(connectionOptions({ address, ...own.access })).catch(
    (error: unknown) => {
      throw new AppError(
        'TEMPORAL_UNREACHABLE',
        `A Temporal server should answer at ${address}, and did not. Is it running there?`,
        { cause: error, retryable: true },
      );
    },
  );
  try {
    return await use({
      client: new Client({ connection, namespace: own.namespace ?? stack?.namespace }),
      connection,
      address,
    });
  } finally {
    await connection.close();
  }
}
