import { openStack, readRunningStack, temporalReady, temporalSettings, type Stack } from '@overture/stack';
import type { CliContext } from './context.ts';
import { stackOptions } from './stack-options.ts';

/** Where a command starts a run. */
export interface RunServer extends Pick<Stack, 'temporal' | 'namespace' | 'uiUrl' | 'owned' | 'lost'>, AsyncDisposable {
  /** Whether other people's workers run it: this command is a client and nothing else. */
  readonly foreign: boolean;
}

/** A server of the user's own is there or not. */
const presentMs = 10_000;

/**
 * The Temporal server that the environment names, of which this command is a client and nothing else: a worker that it started would take other
 * people's stages, and end with it. Without one, the stack of this home, or one that ends with the command.
 * @throws AppError `TEMPORAL_UNREACHABLE`, `TEMPORAL_NAMESPACE_MISSING`, and what `openStack` throws
 */
export async function openRunServer(context: CliContext): Promise<RunServer> {
  const { env, home, interrupt: signal } = context;
  const { address, namespace = 'default', access } = temporalSettings(env);
  const running = address === undefined ? undefined : await readRunningStack(home);
  if (address === undefined || running?.temporalAddress === address) {
    const stack = await openStack(stackOptions(context));
    return { ...stack, foreign: false, [Symbol.asyncDispose]: () => stack.close() };
  }
  await temporalReady({ address, access, namespace, timeoutMs: presentMs, signal });
  return { temporal: { address, ...access }, namespace, uiUrl: undefined, owned: false, foreign: true, lost: new Promise(() => undefined), [Symbol.asyncDispose]: async () => undefined };
}
