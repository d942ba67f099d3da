import type { Connection } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { registerSearchAttributes } from './search-attributes.ts';

const searchAttributes = { Status: 'Keyword', Score: 'Double' } as const;

/** An operator service with some registered attributes; `add` handles requests to register more. */
function server(known: readonly string[], add: (names: string[], registered: Set<string>) => void) {
  const registered = new Set(known);
  const asked: Record<string, number>[] = [];
  const operatorService = {
    listSearchAttributes: async () => ({
      customAttributes: Object.fromEntries([...registered].map((name) => [name, 2])),
    }),
    addSearchAttributes: async (request: { searchAttributes: Record<string, number> }) => {
      asked.push(request.searchAttributes);
      add(Object.keys(request.searchAttributes), registered);
    },
  };
  // Only the members that are used.
  return { asked, connection: { operatorService } as unknown as Pick<Connection, 'operatorService'> };
}

describe('registerSearchAttributes', () => {
  it('registers what is missing, with its type, and nothing when all are there', async () => {
    const { connection, asked } = server(['Status'], (names, registered) =>
      names.forEach((name) => registered.add(name)),
    );
    await registerSearchAttributes(connection, { namespace: 'default', searchAttributes });
    await registerSearchAttributes(connection, { namespace: 'default', searchAttributes });
    expect(asked).toEqual([{ Score: 4 }]);
  });

  it('does not mind that another worker was quicker', async () => {
    const { connection } = server([], (names, registered) => {
      names.forEach((name) => registered.add(name));
      throw new Error('ALREADY_EXISTS');
    });
    await expect(
      registerSearchAttributes(connection, { namespace: 'default', searchAttributes }),
    ).resolves.toBeUndefined();
  });

  it('says what somebody with the right to do so has to run', async () => {
    const { connection } = server([], () => {
      throw new Error('PERMISSION_DENIED');
    });
    await expect(
      registerSearchAttributes(connection, { namespace: 'team', searchAttributes }),
    ).rejects.toThrow(
      'Namespace team must have the search attributes Status, Score, and registering them failed: PERMISSION_DENIED. Have somebody who may do so run: temporal operator search-attribute create --namespace team --name Status --type Keyword; temporal operator',
    );
  });
});
