/**
 * A process that opens a stack and prints it, for tests that kill such a process. Arguments: home, cache
 * folder, worker module.
 */
import { openStack } from '../open-stack.ts';

const [home = '', cacheDir = '', workerEntry = ''] = process.argv.slice(2);
const stack = await openStack({ home, cacheDir, env: process.env, workerEntry });
const { temporalAddress, databaseUrl, owned } = stack;
process.stdout.write(`${JSON.stringify({ temporalAddress, databaseUrl, owned })}\n`);
process.once('SIGTERM', () => void stack.close().then(() => process.exit(0)));
setInterval(() => undefined, 60_000);
