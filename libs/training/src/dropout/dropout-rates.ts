import type { DropoutRates } from '@overture/models';
import type { FineTuneConfig } from '../fine-tune-config.ts';

/** The dropout rates of a configuration; undefined if all are 0. */
export function dropoutRates({
  dropout,
  lora,
}: Pick<FineTuneConfig, 'dropout' | 'lora'>): DropoutRates | undefined {
  const adapter = lora?.dropout ?? 0;
  return dropout === 0 && adapter === 0 ? undefined : { hidden: dropout, attention: dropout, adapter };
}
