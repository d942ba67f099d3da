import type { GateDecision } from './gate-decision.ts';
import type { JsonObject } from './merge-patch.ts';
import type { Failure } from './task-state.ts';

/** An event that a schedule has processed, as plain data. */
export type ScheduleEvent =
  | { readonly kind: 'done'; readonly id: string; readonly output: unknown }
  | { readonly kind: 'fail'; readonly id: string; readonly failure: Omit<Failure, 'thrown'> }
  | { readonly kind: 'expire'; readonly id: string }
  | { readonly kind: 'retry'; readonly id: string; readonly overrides?: JsonObject }
  | { readonly kind: 'skip'; readonly id: string }
  | {
      readonly kind: 'decide';
      readonly id: string;
      readonly decision: Pick<GateDecision, 'approved' | 'by' | 'reason'>;
    };
