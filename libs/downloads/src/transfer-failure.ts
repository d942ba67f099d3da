/** What is known about a failed transfer. */
export interface TransferFailureOptions {
  /** Whether the same request may soon succeed. */
  readonly transient: boolean;
  /** Whether the bytes received so far are unusable. */
  readonly restart?: boolean;
  /** HTTP status, if the server responded. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** The failure of one request of a download. `download` turns the last one into an AppError. */
export class TransferFailure extends Error {
  readonly transient: boolean;
  readonly restart: boolean;
  readonly status: number | undefined;

  constructor(message: string, options: TransferFailureOptions) {
    super(message, { cause: options.cause });
    this.transient = options.transient;
    this.restart = options.restart ?? false;
    this.status = options.status;
  }

  static fromStatus(status: number, statusText: string): TransferFailure {
    return new TransferFailure(`the server answered ${status}${statusText === '' ? '' : ` ${statusText}`}`, {
      transient: status >= 500 || transientStatuses.has(status),
      status,
    });
  }

  /**
   * A failure of fetch, of the body or of the disk. If part of the body was received, a broken connection is
   * transient.
   */
  static from(error: unknown, received: boolean): TransferFailure {
    if (error instanceof TransferFailure) return error;
    const { code, message } = rootCause(error);
    const known = reasons[code];
    const transient = known?.transient ?? (received && !code.startsWith('E'));
    return new TransferFailure(known ? `${known.says} (${code})` : message, {
      transient: transient || (received && connectionLost.has(code)),
      cause: error,
    });
  }
}

// Request timeout, too early, too many requests: RFC 9110 section 15.5.9, RFC 8470, RFC 6585.
const transientStatuses = new Set([408, 425, 429]);

const connectionLost = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_BODY_TIMEOUT',
]);

const reasons: Readonly<Record<string, { says: string; transient: boolean }>> = {
  ENOTFOUND: { says: 'the host name is not known here', transient: false },
  EAI_AGAIN: { says: 'the host name could not be looked up', transient: false },
  ECONNREFUSED: { says: 'the host refused the connection', transient: false },
  EHOSTUNREACH: { says: 'the host is not reachable', transient: false },
  ENETUNREACH: { says: 'the network is not reachable', transient: false },
  ECONNRESET: { says: 'the connection was cut', transient: true },
  ETIMEDOUT: { says: 'the connection timed out', transient: false },
  UND_ERR_SOCKET: { says: 'the connection was cut', transient: true },
  UND_ERR_CONNECT_TIMEOUT: { says: 'the host did not answer', transient: false },
  UND_ERR_HEADERS_TIMEOUT: { says: 'the host did not answer', transient: true },
  UND_ERR_BODY_TIMEOUT: { says: 'the data stopped', transient: true },
  SELF_SIGNED_CERT_IN_CHAIN: {
    says: 'the certificate is not trusted; set NODE_EXTRA_CA_CERTS to your authority’s file',
    transient: false,
  },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    says: 'the certificate is not trusted; set NODE_EXTRA_CA_CERTS to your authority’s file',
    transient: false,
  },
  ENOSPC: { says: 'the disk is full', transient: false },
};

function rootCause(error: unknown): { code: string; message: string } {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  const inner =
    current instanceof AggregateError && current.errors[0] instanceof Error ? current.errors[0] : current;
  if (!(inner instanceof Error)) return { code: '', message: String(inner) };
  return { code: (inner as NodeJS.ErrnoException).code ?? '', message: inner.message };
}
