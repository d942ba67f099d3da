import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * host:port of the Temporal server that tools/test/temporal-server.ts started for this project's tests.
     */
    temporalAddress: string;
  }
}
