import type { Digest, JsonValue, RunId } from '@overture/core';
import type { AppliedTo, RunRegistry, StageControl } from '@overture/registry';

/** A control request for a running stage. The stage defines the meaning of `action`. */
export type ControlRequest = Pick<StageControl, 'id' | 'action'>;

/** A control request with the step after which it was applied. */
export type AppliedControl = ControlRequest & Omit<AppliedTo, 'cacheKey'>;

/** Delivers control requests to a running stage and records where each was applied. */
export interface StageControls {
  /**
   * The requests applied in earlier attempts with the same cache key. They must be applied at the same steps
   * again.
   */
  readonly applied: readonly AppliedControl[];
  /** Calls the listener with every request that has not been applied, now and in the future. */
  onRequest(listener: (request: ControlRequest) => void): void;
  /**
   * Records where a request is applied. Apply it only after this has resolved.
   * @throws the error that ends the attempt, if its lease is lost
   */
  record(request: AppliedControl): Promise<void>;
}

/** The controls of a stage that accepts no control requests. */
export const noControls: StageControls = {
  applied: [],
  onRequest: () => undefined,
  record: () => Promise.resolve(),
};

/** The applied requests that changed the output, as a part of the cache key; undefined if there are none. */
export function controlsInKey(allApplied: readonly AppliedControl[]): JsonValue | undefined {
  const decisive = allApplied
    .filter(({ changesResult }) => changesResult)
    .toSorted((a, b) => a.step - b.step);
  return decisive.length === 0
    ? undefined
    : decisive.map(({ action, step }) => ({ action: action as JsonValue, step }));
}

/** Describes the applied requests and their steps, for display. */
export function controlsText(allApplied: readonly AppliedControl[]): string {
  return `controlled: ${allApplied.map(({ action, step }) => `${typeof action === 'string' ? action : JSON.stringify(action)} after step ${step}`).join(', ')}`;
}

/** Selects the requests that were applied in the execution with this cache key. */
export function appliedIn(controls: readonly StageControl[], key: Digest): AppliedControl[] {
  return controls.flatMap(({ id, action, applied }) =>
    applied?.cacheKey === key
      ? [{ id, action, step: applied.step, changesResult: applied.changesResult }]
      : [],
  );
}

/** Controls that are polled on a timer. */
export interface WatchedControls extends StageControls, Disposable {
  /** All requests applied so far. */
  readonly allApplied: readonly AppliedControl[];
}

/** Options of `watchControls`. */
export interface WatchOptions {
  readonly run: RunId;
  readonly node: string;
  /** The execution's cache key without controls. */
  readonly key: Digest;
  /** Polling interval in milliseconds. */
  readonly everyMs: number;
  /**
   * Records that a request is applied. Returns false if the lease is no longer valid or the request was
   * applied elsewhere.
   */
  apply(id: string, where: AppliedTo): Promise<boolean>;
  /** Creates the error that ends an attempt whose lease is lost. */
  superseded(): Error;
}

/**
 * Polls for control requests for a node while it runs under a lease. The lease guarantees that only this
 * attempt applies them.
 */
export async function watchControls(
  registry: Pick<RunRegistry, 'controlsOf'>,
  { run, node, key, everyMs, apply, superseded }: WatchOptions,
): Promise<WatchedControls> {
  const first = await registry.controlsOf(run, node);
  const applied = appliedIn(first, key);
  const allApplied = [...applied];
  const seen = new Set<string>();
  const waiting: ControlRequest[] = [];
  let tell = (request: ControlRequest): void => void waiting.push(request);
  const hear = (controls: readonly StageControl[]): void => {
    for (const { id, action, applied: where } of controls) {
      if (where !== null || seen.has(id)) continue;
      seen.add(id);
      tell({ id, action });
    }
  };
  hear(first);
  // If the registry is unavailable, the next tick tries again.
  const timer = setInterval(
    () =>
      void registry
        .controlsOf(run, node)
        .then(hear)
        .catch(() => undefined),
    everyMs,
  );
  return {
    applied,
    allApplied,
    onRequest(listener) {
      tell = listener;
      waiting.splice(0).forEach(listener);
    },
    async record(request) {
      const { id, step, changesResult } = request;
      if (!(await apply(id, { cacheKey: key, step, changesResult }))) throw superseded();
      allApplied.push(request);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
