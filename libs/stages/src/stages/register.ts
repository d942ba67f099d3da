import { register } from '@overture/contracts';
import { implement } from '../implement.ts';

/** Registers the model under its name. The same bundle keeps its version. */
export const registerStage = implement(register, async ({ name, bundle, report }, { registry, run }) => {
  const { model, version } = await registry.registerModel({ model: name, bundle, report, run });
  return { name: model, version, digest: bundle.digest };
});
