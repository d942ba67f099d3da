import { join } from 'node:path';
import type { Case, CaseFiles } from './case.ts';
import { cardCase } from './checks/card-program.ts';
import { control, greetingFirst, nulls, systemPrompt, unlabeledSplit } from './checks/corpus-cases.ts';
import { modelCase } from './checks/model-case.ts';
import { fewPositions, largeFile } from './checks/refused-early.ts';
import { ropeCase, withoutScaling } from './checks/rope-scaling.ts';

const plainGguf = 'P04-gguf-rope-plain.gguf';
const llama3Folder = 'P04-same-as-folder-llama3';
const plain = async ({ folder }: CaseFiles): Promise<string> => join(folder, plainGguf);

/** Every case, in the order of their numbers. */
export const caseTable: readonly Case[] = [
  control,
  unlabeledSplit,
  modelCase({ name: 'P02-llama-folder-no-pad', expects: 'padding token from tokenizer_config.json' }),
  modelCase({ name: 'P03-gamma-beta', expects: 'legacy tensor names are accepted' }),
  modelCase({ name: plainGguf, expects: 'trains (the control of the other two)' }),
  ropeCase({
    name: 'P04-gguf-rope-llama3.gguf',
    expects: 'Llama 3 scaling from rope_freqs.weight',
    unscaled: plain,
  }),
  ropeCase({
    name: 'P04-gguf-rope-linear.gguf',
    expects: 'linear scaling from the metadata',
    unscaled: plain,
  }),
  ropeCase({
    name: llama3Folder,
    expects: 'Llama 3 scaling from config.json',
    unscaled: (files) => withoutScaling(files, llama3Folder),
  }),
  greetingFirst,
  cardCase({
    name: 'P06-roberta',
    expects: 'the same token ids in training and in transformers.js: equal probabilities',
  }),
  cardCase({ name: 'P07-llama', expects: 'opens as its model card says: equal probabilities' }),
  largeFile,
  modelCase({
    name: 'P09-head-of-3',
    expects: 'the head for 3 labels is dropped with a notice',
    says: /head|classifier/i,
  }),
  fewPositions,
  nulls,
  systemPrompt,
];
