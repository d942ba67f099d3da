import type { Model, Weights } from '@overture/models';
import type { TokenSet } from '@overture/tokenization';
import type { FineTuneConfig } from './fine-tune-config.ts';

/** The inputs of a fine-tuning run. */
export interface FineTuneJob {
  readonly config: FineTuneConfig;
  readonly model: Model;
  readonly tokens: TokenSet;
  /** Pretrained network with a head, as `loadWeights` returns it for the model. */
  readonly weights: Weights;
}
