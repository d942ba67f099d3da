import { describe, expect, it } from 'vitest';
import { stackOptions } from './stack-options.ts';
import { testContext } from './testing/test-context.ts';

describe('stackOptions', () => {
  it("reach a server of the user's own as the worker does: by variables or a profile, with its key", () => {
    const context = testContext('/nowhere', {
      env: {
        TEMPORAL_ADDRESS: 'ours.tmprl.cloud:7233',
        TEMPORAL_NAMESPACE: 'ours',
        TEMPORAL_API_KEY: 'secret',
      },
    });
    expect(stackOptions(context)).toMatchObject({
      temporalAddress: 'ours.tmprl.cloud:7233',
      namespace: 'ours',
      temporalAccess: { apiKey: 'secret', tls: true },
    });
  });

  it('name none where the environment does not, whatever key lies there', () => {
    const context = testContext('/nowhere', { env: { TEMPORAL_API_KEY: 'secret' } });
    const { temporalAddress, temporalAccess } = stackOptions(context);
    expect({ temporalAddress, temporalAccess }).toEqual({ temporalAddress: undefined, temporalAccess: {} });
  });
});
