import type { Digest, JsonValue, RunId } from '@overture/core';
import type { AppliedTo, Registry, StageControl } from '@overture/registry';

/** A wish of a person about a stage at work; what it means is the stage's own affair. */
export type StageWish = Pick<StageControl, 'id' | 'action'>;

/** A wish, and after which step of the work it took effect. */
export type HeededWish = StageWish & Omit<AppliedTo, 'cacheKey'>;

/** How a stage learns what people ask of it while it is at work, and keeps where it did so. */
export interface StageControls {
  /** What took effect in earlier attempts at this very work: it is to take effect at the same steps again. */
  readonly applied: readonly HeededWish[];
  /** Calls the listener with every wish that has not taken effect: those that are there, and those to come. */
  onWish(listener: (wish: StageWish) => void): void;
  /** Puts on record where a wish takes effect; it must not before this has resolved. @throws what ends the attempt */
  record(wish: HeededWish): Promise<void>;
}

/** Of a stage whose contract does not say `controllable`. */
export const noControls: StageControls = { applied: [], onWish: () => undefined, record: () => Promise.resolve() };

/** What took effect in a work and changed what it gives, as a part of its cache key; undefined where nothing has. */
export function controlsInKey(heeded: readonly HeededWish[]): JsonValue | undefined {
  const decisive = heeded.filter(({ changesResult }) => changesResult).toSorted((a, b) => a.step - b.step);
  return decisive.length === 0 ? undefined : decisive.map(({ action, step }) => ({ action: action as JsonValue, step }));
}

/** For people: what took effect, and where. */
export function controlsText(heeded: readonly HeededWish[]): string {
  return `controlled: ${heeded.map(({ action, step }) => `${typeof action === 'string' ? action : JSON.stringify(action)} after step ${step}`).join(', ')}`;
}

/** Of all wishes about a node, those that took effect in the work with this cache key. */
export function heededIn(controls: readonly StageControl[], key: Digest): HeededWish[] {
  return controls.flatMap(({ id, action, applied }) => (applied?.cacheKey === key ? [{ id, action, step: applied.step, changesResult: applied.changesResult }] : []));
}

/** Controls that are looked for on a timer. */
export interface WatchedControls extends StageControls, Disposable {
  /** All that has taken effect so far. */
  readonly heeded: readonly HeededWish[];
}

export interface WatchOptions {
  readonly run: RunId;
  readonly node: string;
  /** The work's cache key, as without controls. */
  readonly key: Digest;
  /** How often to look, milliseconds. */
  readonly everyMs: number;
  /** Whether the wish took effect here, under a lease that stands. */
  apply(id: string, where: AppliedTo): Promise<boolean>;
  /** What ends an attempt that is not the work's any more. */
  superseded(): Error;
}

/** Looks for what people ask of a node of a run, while it is at work under a lease: nobody else adds to what takes effect. */
export async function watchControls(registry: Pick<Registry, 'controlsOf'>, { run, node, key, everyMs, apply, superseded }: WatchOptions): Promise<WatchedControls> {
  const first = await registry.controlsOf(run, node);
  const applied = heededIn(first, key);
  const heeded = [...applied];
  const seen = new Set<string>();
  const waiting: StageWish[] = [];
  let tell = (wish: StageWish): void => void waiting.push(wish);
  const hear = (controls: readonly StageControl[]): void => {
    for (const { id, action, applied: where } of controls) {
      if (where !== null || seen.has(id)) continue;
      seen.add(id);
      tell({ id, action });
    }
  };
  hear(first);
  // A registry that is away is asked again.
  const timer = setInterval(() => void registry.controlsOf(run, node).then(hear).catch(() => undefined), everyMs);
  return {
    applied,
    heeded,
    onWish(listener) {
      tell = listener;
      waiting.splice(0).forEach(listener);
    },
    async record(wish) {
      const { id, step, changesResult } = wish;
      if (!(await apply(id, { cacheKey: key, step, changesResult }))) throw superseded();
      heeded.push(wish);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
