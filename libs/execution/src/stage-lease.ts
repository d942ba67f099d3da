import { AppError, type RunId } from '@overture/core';
import type { EarlierExecution, HeldLease, Registry, StageClaim } from '@overture/registry';
import { setTimeout as sleep } from 'node:timers/promises';

/** What single flight needs of the registry. */
export type LeaseRegistry = Pick<Registry, 'claimStage' | 'findReusable' | 'renewLease' | 'releaseLease'>;

/** How long a lease stands while its holder is silent. */
export const defaultLeaseMs = 30_000;

const firstPollMs = 50;
const longestPollMs = 2_000;

/** An output to use again, or the right and duty to compute one. */
export type Obtained =
  | { readonly kind: 'reusable'; readonly id: string; readonly outputs: unknown }
  | { readonly kind: 'leased'; readonly lease: HeldLease; readonly before: EarlierExecution | undefined };

export interface ObtainOptions {
  readonly signal: AbortSignal;
  /** Whether an earlier output can be used; gives it as the contract parses it. */
  check(outputs: unknown): Promise<{ readonly outputs: unknown } | undefined>;
  /** Called at each look while somebody else computes it. */
  onWait(by: { readonly run: RunId; readonly node: string }): void;
}

/** Claims a key until there is an output to use again or the key is ours to compute; while somebody else computes it, waits. */
export async function obtain(registry: Omit<LeaseRegistry, 'renewLease'>, claim: StageClaim, { signal, check, onWait }: ObtainOptions): Promise<Obtained> {
  let { reuse } = claim;
  for (let pollMs = firstPollMs; ; ) {
    const answer = await registry.claimStage({ ...claim, reuse });
    if (answer.kind === 'held') {
      onWait(answer.by);
      await sleep(pollMs, undefined, { signal });
      pollMs = Math.min(pollMs * 2, longestPollMs);
      // What was lost before is being computed; look for it again.
      reuse = claim.reuse;
      continue;
    }
    const execution = answer.kind === 'reusable' ? answer.execution : answer.contended && reuse ? await registry.findReusable(claim.cacheKey) : undefined;
    const usable = execution && (await check(execution.outputs));
    if (answer.kind === 'leased') {
      const lease = { cacheKey: claim.cacheKey, token: answer.token, leaseMs: claim.leaseMs };
      if (execution === undefined || usable === undefined) return { kind: 'leased', lease, before: answer.before };
      await registry.releaseLease(lease);
    }
    if (execution !== undefined && usable !== undefined) return { kind: 'reusable', id: execution.id, outputs: usable.outputs };
    reuse = false;
  }
}

/** A lease that is renewed for as long as it is in use. */
export interface KeptLease extends AsyncDisposable {
  readonly token: string;
  /** Aborted when the lease became somebody else's. */
  readonly lost: AbortSignal;
  /** @throws AppError `STAGE_SUPERSEDED` when the lease was lost. */
  assertHeld(): void;
  /** The record ended it; nothing is left to release. */
  recorded(): void;
}

/** Why an attempt that has lost its lease ends. */
export function superseded(stage: string): AppError {
  return new AppError('STAGE_SUPERSEDED', `Stage ${stage} must be computed by one worker at a time. This one was silent for too long and another has taken the work over; nothing that this one has done since counts.`, { retryable: true });
}

/** Renews a lease on a timer. A registry that does not answer is asked again: the lease stands until its term is over. */
export function keepLease(registry: Pick<LeaseRegistry, 'renewLease' | 'releaseLease'>, lease: HeldLease, stage: string): KeptLease {
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
      // Left alone, it ends with its term.
      await registry.releaseLease(lease).catch(() => undefined);
    },
  };
}
