import { searchAttributes } from '@overture/contracts';
import { conformanceApplication } from '@overture/durable/testing/conformance-application';
import { registerSearchAttributes } from '@overture/durable-worker';
import { Connection } from '@temporalio/client';
import type { TestProject } from 'vitest/node';

/**
 * Vitest global setup, after that of the Temporal server: what a worker would register, where tests have
 * none.
 */
export default async function registerForTests(project: TestProject): Promise<void> {
  const connection = await Connection.connect({ address: project.getProvidedContext().temporalAddress });
  await registerSearchAttributes(connection, {
    namespace: 'default',
    searchAttributes: { ...searchAttributes, ...conformanceApplication.searchAttributes },
  });
  await connection.close();
}
