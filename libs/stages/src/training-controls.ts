import { trainingAction, type TrainingAction } from '@overture/contracts';
import type { StageControls } from '@overture/execution';
import type { ControlSource } from '@overture/training';

/** The control requests sent to a stage, as input for the training that it runs. */
export function trainingControls({ applied, onRequest: onRequest, record }: StageControls): ControlSource {
  return {
    applied: applied.map(parsed),
    onRequest: (listener) => onRequest((request) => listener(parsed(request))),
    record,
  };
}

function parsed<Request extends { readonly action: unknown }>(
  request: Request,
): Request & { readonly action: TrainingAction } {
  return { ...request, action: trainingAction.parse(request.action) };
}
