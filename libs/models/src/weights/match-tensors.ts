import { sameShape, type TensorEntry } from '@overture/tensors';
import type { Model } from '../model.ts';
import type { Network } from '../network.ts';
import type { NamedShape, ParameterBlock } from '../parameter-block.ts';
import { tensorNames, type TensorNames } from './tensor-names.ts';
import type { UnusedTensor } from './unused-tensors.ts';

/** A tensor of the file that the model does not use. */
export interface DroppedTensor extends NamedShape, UnusedTensor {}

/** A parameter that is read from another tensor with the same values. */
export interface TiedTensor {
  /** The parameter's name. */
  readonly name: string;
  /** The file's tensor that is read for it. */
  readonly of: string;
}

/** The assignment of a file's tensors to a model's parameters. */
export interface TensorMatch {
  /** The file's tensor names, by part of the model. */
  readonly sources: ReadonlyMap<string, string>;
  /** Parts that the file lacks and training initializes: head and adapters. */
  readonly fresh: ReadonlySet<string>;
  readonly dropped: readonly DroppedTensor[];
  readonly tied: readonly TiedTensor[];
  /** Number of names in the file that are legacy or wrapped. */
  readonly renamed: number;
  /** Prefix of the encoder's names in the file. */
  readonly prefix: string;
  /** Sentences that explain why the file does not fit. */
  readonly problems: readonly string[];
}

/** The properties of a file that matching needs. */
export interface MatchableTensors {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly aliases?: ReadonlyMap<string, string>;
  /** Whether the file must contain only the network, with no tensor left over. */
  readonly exact?: boolean;
}

/**
 * Matches the tensors of a file to the parameters of a model, using only names, shapes, and types. Heads of
 * other tasks and buffers are dropped. Parameters that are missing or have a wrong shape or type are
 * problems, and so are unknown tensors inside the encoder.
 */
export function matchTensors(
  { entries, aliases = new Map(), exact = false }: MatchableTensors,
  model: Model,
): TensorMatch {
  const { network } = model;
  // an alias is another name of a stored tensor
  const stored = new Map<string, string>([
    ...Array.from(entries.keys(), (name) => [name, name] as const),
    ...aliases,
  ]);
  const names = tensorNames(stored.keys(), network);
  const blocks = [...model.parameters, ...model.frozen];
  const parts = blocks.flatMap((block) => block.parts.map((part) => ({ part, block })));
  const find = finder(names, network.prefix);
  const entryOf = (file: string): TensorEntry => entries.get(stored.get(file)!)!;
  const sources = new Map<string, string>();
  const fresh = new Set<string>();
  const used = new Set<string>();
  const tied: TiedTensor[] = [];
  const problems: string[] = [];
  const dropsHead = headIsForeign(blocks, find, entryOf);
  const given = new Set(
    blocks
      .filter(
        ({ start, parts: own }) => start !== undefined && own.some(({ name }) => find(name) !== undefined),
      )
      .map(({ head }) => head),
  );
  for (const { part, block } of parts) {
    const key = withoutPrefix(part.name, network.prefix);
    const own = block.head && dropsHead ? undefined : find(part.name);
    const file = own ?? tiedTo(part, network, { names, entryOf });
    if (file === undefined) {
      if (block.start !== undefined && (!given.has(block.head) || (block.head && dropsHead)))
        fresh.add(part.name);
      else problems.push(`${key} [${part.shape.join(', ')}] is missing.`);
      continue;
    }
    used.add(file);
    const { shape, encoding, float } = entryOf(file);
    if (!sameShape(shape, part.shape))
      problems.push(`${key} must have shape [${part.shape.join(', ')}]. Got [${shape.join(', ')}] instead.`);
    else if (!float) problems.push(`${key} must be float32, float16 or bfloat16. Got ${encoding} instead.`);
    else sources.set(part.name, stored.get(file)!);
    if (own === undefined || stored.get(file) !== file) tied.push({ name: part.name, of: stored.get(file)! });
  }
  for (const [one, other] of names.clashes) {
    used.add(one).add(other); // reported only once
    if (stored.get(one) !== stored.get(other))
      problems.push(`${one} and ${other} are two names of one tensor.`);
  }
  const [only] = names.rivals;
  if (only !== undefined)
    problems.push(
      `It holds two encoders, ${shownPrefix(names.prefix)} and ${shownPrefix(only)}: save the one to be used by itself.`,
    );
  const dropped: DroppedTensor[] = [];
  for (const [places, isInside] of [
    [names.encoder, true],
    [names.others, false],
  ] as const) {
    for (const [key, file] of places) {
      if (used.has(file) || stored.get(file) !== file) continue;
      const unused = network.unused(key);
      if (exact || (unused === undefined && isInside))
        problems.push(`${file} belongs to no part of the network.`);
      else
        dropped.push({
          name: file,
          shape: entries.get(file)!.shape,
          what: unused?.what ?? 'a tensor of another network',
          expected: unused?.expected ?? false,
        });
    }
  }
  return { sources, fresh, dropped, tied, renamed: names.renamed, prefix: names.prefix, problems };
}

type Finder = (name: string) => string | undefined;

function finder({ encoder, others }: TensorNames, prefix: string): Finder {
  return (name) =>
    name.startsWith(prefix)
      ? encoder.get(name.slice(prefix.length))
      : (others.get(name) ?? encoder.get(name));
}

/** Whether the file's head has other classes or is incomplete. */
function headIsForeign(
  blocks: readonly ParameterBlock[],
  find: Finder,
  entryOf: (file: string) => TensorEntry,
): boolean {
  const parts = blocks.filter(({ head }) => head).flatMap((block) => block.parts);
  const found = parts.filter(({ name }) => find(name) !== undefined);
  return (
    found.length > 0 &&
    (found.length < parts.length ||
      found.some(({ name, shape }) => !sameShape(entryOf(find(name)!).shape, shape)))
  );
}

/**
 * The language model's output projection, if the file has it instead of the embedding with the same values.
 */
function tiedTo(
  part: NamedShape,
  network: Network,
  { names, entryOf }: { readonly names: TensorNames; readonly entryOf: (file: string) => TensorEntry },
): string | undefined {
  if (part.name !== network.embedding) return undefined;
  const places = network.tied.map((name) => names.others.get(name) ?? names.encoder.get(name));
  return places.find((file) => file !== undefined && sameShape(entryOf(file).shape, part.shape));
}

function shownPrefix(prefix: string): string {
  return prefix === '' ? 'one without a prefix' : JSON.stringify(prefix);
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}
