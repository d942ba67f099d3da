import type { Network } from '../network.ts';

/** Wrapper modules that training libraries add around a model or its parts. */
const wrappers = new Set([
  'module',
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
  '_forward_module',
]);

/** The tensor names of a file, matched to a network. */
export interface TensorNames {
  /**
   * File names of the encoder's tensors, by name without the family's prefix:
   * `embeddings.word_embeddings.weight`.
   */
  readonly encoder: ReadonlyMap<string, string>;
  /** File names of all other tensors, by name without wrappers: `classifier.weight`. */
  readonly others: ReadonlyMap<string, string>;
  /** Prefix of the encoder's names in this file: `bert.`, or empty. */
  readonly prefix: string;
  /** Pairs of file names for the same tensor. */
  readonly clashes: readonly (readonly [string, string])[];
  /** Other prefixes under which the file has a similarly complete encoder. */
  readonly rivals: readonly string[];
  /** Number of names with wrappers or legacy spellings. */
  readonly renamed: number;
}

/**
 * Finds a network's encoder among the names of a file, under any prefix, by matching the ends of names.
 * Legacy spellings (`LayerNorm.gamma`, `.beta`) are converted to current ones.
 */
export function tensorNames(
  names: Iterable<string>,
  network: Pick<Network, 'prefix' | 'parameters'>,
): TensorNames {
  const wanted = new Set(
    network.parameters.flatMap(({ parts }) => parts.map(({ name }) => withoutPrefix(name, network.prefix))),
  );
  const cleaned = Array.from(names, (name) => ({ name, clean: cleanName(name) }));
  const [prefix = '', ...rivals] = prefixesOf(
    cleaned.map(({ clean }) => clean),
    wanted,
  );
  // prefix of the model around the encoder: `model.` in `model.bert.embeddings…`, with its
  // `model.classifier.weight`
  const outer =
    network.prefix !== '' && prefix.endsWith(network.prefix) ? prefix.slice(0, -network.prefix.length) : '';
  const encoder = new Map<string, string>();
  const others = new Map<string, string>();
  const clashes: [string, string][] = [];
  for (const { name, clean } of cleaned) {
    const [into, key] = clean.startsWith(prefix)
      ? ([encoder, clean.slice(prefix.length)] as const)
      : ([others, withoutPrefix(clean, outer)] as const);
    const earlier = into.get(key);
    if (earlier === undefined) into.set(key, name);
    else clashes.push([earlier, name]);
  }
  return {
    encoder,
    others,
    prefix,
    clashes,
    rivals,
    renamed: cleaned.filter(({ name, clean }) => name !== clean).length,
  };
}

/** Removes wrappers from a name and converts legacy spellings. */
export function cleanName(name: string): string {
  const segments = name.split('.').filter((segment) => !wrappers.has(segment));
  const last = segments.at(-1);
  if (last === 'gamma' || last === 'beta')
    segments[segments.length - 1] = last === 'gamma' ? 'weight' : 'bias';
  return segments.join('.');
}

/**
 * Prefixes before the wanted names, most complete first; only those with more than 90 % of the most matches.
 */
function prefixesOf(names: readonly string[], wanted: ReadonlySet<string>): string[] {
  const votes = new Map<string, number>();
  for (const name of names) {
    for (let at = 0; ;) {
      if (wanted.has(name.slice(at))) votes.set(name.slice(0, at), (votes.get(name.slice(0, at)) ?? 0) + 1);
      const dot = name.indexOf('.', at);
      if (dot === -1) break;
      at = dot + 1;
    }
  }
  const ranked = [...votes].sort((a, b) => b[1] - a[1] || a[0].length - b[0].length);
  const most = ranked[0]?.[1] ?? 0;
  return ranked.filter(([, count]) => count > 0.9 * most).map(([prefix]) => prefix);
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}
