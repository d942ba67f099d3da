import type { ChildServiceModule } from './child-service.ts';
import { openRuntime } from './runtime.ts';
import type { SessionAnswer, SessionRequest, SessionSettings } from './session-messages.ts';

/** A service with one session. Only `openSessionPool` opens it. */
const openSession: ChildServiceModule<SessionSettings, SessionRequest, SessionAnswer> = async ({
  path,
  name,
  runtime,
}) => {
  let warning: string | undefined;
  const session = await openRuntime({ ...runtime, onWarning: (message) => (warning = message) }).load(path, {
    name,
  });
  return async (feeds) => {
    if (feeds === undefined)
      return { kind: 'opened', inputs: session.inputs, outputs: session.outputs, warning };
    return { kind: 'ran', outputs: await session.run(feeds) };
  };
};

export default openSession;
