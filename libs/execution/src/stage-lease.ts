import { AppError, type RunId } from '@overture/core';
import type { EarlierExecution, HeldLease, RunRegistry, StageClaim } from '@overture/registry';
import { setTimeout as sleep } from 'node:timers/promises';

/** The part of the registry that stage leases use. */
export type LeaseRegistry = Pick<RunRegistry, 'claimStage' | 'findReusable' | 'renewLease' | 'releaseLease'>;

/** How long a lease is valid without renewal, in milliseconds. */
export const defaultLeaseMs = 30_000;

const firstPollMs = 50;
const longestPollMs = 2_000;

/** The result of `obtain`: an output to reuse, or a lease to compute one. */
export type Obtained =
  | { readonly kind: 'reusable'; readonly id: string; readonly outputs: unknown }
  | { readonly kind: 'leased'; readonly lease: HeldLease; readonly before: EarlierExecution | undefined };

/** Options of `obtain`. */
export interface ObtainOptions {
  readonly signal: AbortSignal;
  /** Checks whether an earlier output can be reused. Returns it as parsed by the contract, or undefined. */
  check(outputs: unknown): Promise<{ readonly outputs: unknown } | undefined>;
  /** Called on every poll while another run computes the output. */
  onWait(by: { readonly run: RunId; readonly node: string }): void;
}

/** Returns a reusable output or a lease to compute it. While another attempt computes it, waits and polls. */
export async function obtain(
  registry: Omit<LeaseRegistry, 'renewLease'>,
  claim: StageClaim,
  { signal, check, onWait }: ObtainOptions,
): Promise<Obtained> {
  let { reuse } = claim;
  for (let pollMs = firstPollMs; ;) {
    const answer = await registry.claimStage({ ...claim, reuse });
    if (answer.kind === 'held') {
      onWait(answer.by);
      await sleep(pollMs, undefined, { signal });
      pollMs = Math.min(pollMs * 2, longestPollMs);
      // The lost output is being computed again, so look for it again.
      reuse = claim.reuse;
      continue;
    }
    const execution =
      answer.kind === 'reusable'
        ? answer.execution
        : answer.contended && reuse
          ? await registry.findReusable(claim.cacheKey)
          : undefined;
    const usable = execution && (await check(execution.outputs));
    if (answer.kind === 'leased') {
      const lease = { cacheKey: claim.cacheKey, token: answer.token, leaseMs: claim.leaseMs };
      if (execution === undefined || usable === undefined)
        return { kind: 'leased', lease, before: answer.before };
      await registry.releaseLease(lease);
    }
    if (execution !== undefined && usable !== undefined)
      return { kind: 'reusable', id: execution.id, outputs: usable.outputs };
    reuse = false;
  }
}

/** A lease that is renewed automatically while it is in use. */
export interface RenewedLease extends AsyncDisposable {
  readonly token: string;
  /** Aborted if another attempt took over the lease. */
  readonly lost: AbortSignal;
  /**
   * Checks that the lease is still held.
   * @throws AppError `STAGE_SUPERSEDED` if the lease was lost.
   */
  assertHeld(): void;
  /** Tells the lease that recording the output has ended it, so that it is not released again. */
  recorded(): void;
}

/** The error of an attempt that has lost its lease. */
export function superseded(stage: string): AppError {
  return new AppError(
    'STAGE_SUPERSEDED',
    `Stage ${stage} must be computed by one worker at a time. This one was silent for too long and another has taken the work over; nothing that this one has done since counts.`,
    { retryable: true },
  );
}

/**
 * Renews a lease on a timer. If the registry does not respond, the next tick tries again; the lease is valid
 * until its term ends.
 */
export function keepLease(
  registry: Pick<LeaseRegistry, 'renewLease' | 'releaseLease'>,
  lease: HeldLease,
  stage: string,
): RenewedLease {
  const losing = new AbortController();
  let open = true;
  const timer = setInterval(() => {
    registry.renewLease(lease).then(
      (held) => held || !open || losing.abort(superseded(stage)),
      () => undefined,
    );
  }, lease.leaseMs / 3);
  return {
    token: lease.token,
    lost: losing.signal,
    assertHeld: () => losing.signal.throwIfAborted(),
    recorded: () => void (open = false),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      if (!open) return;
      open = false;
      // If the release fails, the lease expires on its own.
      await registry.releaseLease(lease).catch(() => undefined);
    },
  };
}
