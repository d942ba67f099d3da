import {
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';
import type { TemporalAccess } from './temporal-settings.ts';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Interceptor>;
type CallListener = NonNullable<Parameters<Call['start']>[1]>;

/**
 * Options for `Connection.connect` and `Connection.lazy`. The connection can be closed while calls are still
 * being retried.
 */
export function connectionOptions({
  address,
  tls,
  apiKey,
  metadata,
}: TemporalAccess & { readonly address: string }): ConnectionOptions {
  return {
    address,
    ...(tls !== undefined && { tls }),
    ...(apiKey !== undefined && { apiKey }),
    ...(metadata !== undefined && { metadata }),
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endWhenClosed],
  };
}

/** The gRPC status CANCELLED (grpc.io/docs/guides/status-codes), which is not retried. */
const canceled = 1;

/**
 * Ends a call on a closed connection with a status. Temporal's retry interceptor starts its next attempt in a
 * timer. There, the exception that gRPC throws for a closed channel would end the whole process.
 */
const endWhenClosed: Interceptor = (options, nextCall) => {
  try {
    return nextCall(options) as Call;
  } catch (error) {
    return endedCall((error as Error).message) as unknown as Call;
  }
};

function endedCall(
  details: string,
): Pick<
  Call,
  | 'start'
  | 'sendMessage'
  | 'sendMessageWithContext'
  | 'startRead'
  | 'halfClose'
  | 'cancelWithStatus'
  | 'getPeer'
  | 'getAuthContext'
> {
  const nothing = (): void => undefined;
  return {
    start: (metadata, listener?: Partial<CallListener>) =>
      queueMicrotask(() => listener?.onReceiveStatus?.({ code: canceled, details, metadata })),
    sendMessage: nothing,
    sendMessageWithContext: nothing,
    startRead: nothing,
    halfClose: nothing,
    cancelWithStatus: nothing,
    getPeer: () => 'closed',
    getAuthContext: () => null,
  };
}
