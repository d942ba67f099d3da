import { AppError } from '@overture/core';
import { bertModelTypes } from './bert-model-type.ts';
import { parseBertNetwork } from './bert-network.ts';
import { readConfigObject, shown, type RawConfig } from './config-reader.ts';
import { parseLlamaNetwork } from './llama-network.ts';
import type { Network } from './network.ts';

/** All supported families by `model_type`. To add one, add a file with its network and a row here. */
const families: Readonly<Record<string, (json: unknown, where: string) => Network>> = {
  ...Object.fromEntries(bertModelTypes.map((type) => [type, parseBertNetwork])),
  llama: parseLlamaNetwork,
};

/**
 * Creates the network that a `config.json` describes.
 * @param json the file's text or its parsed content
 * @param where the file's name, for messages
 * @throws AppError `MODEL_FAMILY_UNKNOWN`, `MODEL_CONFIG_INVALID`
 */
export function parseNetwork(json: unknown, where = 'config.json'): Network {
  const raw = readConfigObject(json, where);
  const type = raw['model_type'] ?? familyOfArchitecture(raw['architectures']);
  const parse = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined;
  if (parse !== undefined) return parse({ ...raw, model_type: type }, where);
  throw new AppError(
    'MODEL_FAMILY_UNKNOWN',
    `${where} must have a "model_type" that Overture knows: ${Object.keys(families).join(', ')}. Got ${shown(type)} instead: choose a base model of one of these.`,
    {
      details: { where, known: Object.keys(families) },
    },
  );
}

/** Files of early transformers versions have no `model_type`, but may name the class: `BertForMaskedLM`. */
function familyOfArchitecture(architectures: unknown): string | undefined {
  const [name] = Array.isArray(architectures) ? (architectures as unknown[]) : [];
  const family =
    typeof name === 'string' ? /^(.+?)(Model$|For[A-Z]|LMHead)/.exec(name)?.[1]?.toLowerCase() : undefined;
  return family !== undefined && Object.hasOwn(families, family) ? family : undefined;
}

/** Whether a config names the family of its network. */
export function namesFamily({ model_type: type, architectures }: RawConfig): boolean {
  return type !== undefined || familyOfArchitecture(architectures) !== undefined;
}

/** Determines the family from a network's tensor names; undefined if they match none. */
export function familyOfTensors(
  names: Iterable<string>,
  { type_vocab_size: types }: RawConfig,
): string | undefined {
  const list = [...names];
  const some = (pattern: RegExp): boolean => list.some((name) => pattern.test(name));
  if (some(/(^|\.)layers\.0\.self_attn\.q_proj\.weight$/)) return 'llama';
  if (some(/(^|\.)transformer\.layer\.0\.attention\.q_lin\.weight$/)) return 'distilbert';
  if (!some(/(^|\.)encoder\.layer\.0\.attention\.self\.query\.weight$/)) return undefined;
  if (some(/(^|\.)roberta\./)) return 'roberta';
  return some(/(^|\.)bert\./) || types !== 1 ? 'bert' : 'roberta'; // RoBERTa has a single token type
}
