import { openStack, readRunningStack, temporalReady, temporalSettings, type Stack } from '@overture/stack';
import type { CliContext } from './context.ts';
import { stackOptions } from './stack-options.ts';

/** The server on which a command starts a run. */
export interface RunServer
  extends Pick<Stack, 'temporal' | 'namespace' | 'uiUrl' | 'owned' | 'lost'>, AsyncDisposable {
  /** Whether the run is executed by workers of another server. This command is then only a client. */
  readonly foreign: boolean;
}

/** Maximum wait for an existing server to respond, in milliseconds. */
const presentMs = 10_000;

/**
 * The Temporal server named by the environment; the command is then only a client. A worker of its own would
 * take other users' stages and stop when the command ends. Without such a server: the stack of this home, or
 * one that ends with the command.
 * @throws AppError `TEMPORAL_UNREACHABLE`, `TEMPORAL_NAMESPACE_MISSING`, and the errors of `openStack`
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
  return {
    temporal: { address, ...access },
    namespace,
    uiUrl: undefined,
    owned: false,
    foreign: true,
    lost: new Promise(() => undefined),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
