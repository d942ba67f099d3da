import type { Turn } from '@overture/dialogue';
import { cleanText, speakers, type RenderedTurn } from './render-example.ts';
import { textUnits, type TextUnits } from './text-units.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * The cost of a unit is the number of tokens it adds after the preceding character or, if none, after this
 * word and a space.
 */
export const carrier = 'a';

/**
 * The minimum cost of a unit. Tokenizers drop some characters and merge unknown ones; a megabyte of them must
 * not count as zero.
 */
export const leastCost = 0.125;

/** A turn and the costs of its units, in tokens. Costs are computed on demand and cached. */
export interface MeasuredTurn {
  readonly rendered: RenderedTurn;
  /** Tokens of the line break and the speaker. */
  readonly speaker: number;
  readonly units: TextUnits;
  costOf(unit: number): number;
  /** Tokens of the turn with its speaker. Counting stops above `enough`, at any number greater than it. */
  cost(enough: number): number;
}

/** Maximum entries of each cache. */
const capacity = 100_000;

/** Measures turns. Caches the turns shared by examples and the costs of words. */
export function turnMeter(tokenizer: Tokenizer): (turn: Turn) => MeasuredTurn {
  const tokensOf = (text: string): number => tokenizer.encode(text).length;
  const tokensBefore = cached(tokensOf);
  const costBehind = (before: string, text: string): number =>
    Math.max(leastCost, tokensOf(before + text) - tokensBefore(before));
  const spaced = cached((unit) => costBehind(carrier, ` ${unit}`));
  const attached = cached((pair) => {
    const [before] = pair; // one character, which may be two code units
    return costBehind(before!, pair.slice(before!.length));
  });
  const speakerCosts = cached((role) => costBehind(carrier, `\n${speakers[role as Turn['role']]}`));
  const turns = new WeakMap<Turn, MeasuredTurn>();
  return (turn) => {
    let measured = turns.get(turn);
    if (measured === undefined) {
      const text = cleanText(turn.text, tokenizer);
      measured = measuredTurn({ role: turn.role, text }, speakerCosts(turn.role), (units, i) => {
        const [start, end] = [units.starts[i]!, units.ends[i]!];
        return units.attached[i]
          ? attached(text.slice(startOfCharacter(text, start - 1), end))
          : spaced(text.slice(start, end));
      });
      turns.set(turn, measured);
    }
    return measured;
  };
}

function measuredTurn(
  rendered: RenderedTurn,
  speaker: number,
  computeCost: (units: TextUnits, unit: number) => number,
): MeasuredTurn {
  const units = textUnits(rendered.text);
  // Every unit has a cost, so 0 means unknown.
  const costs: number[] = new Array<number>(units.starts.length).fill(0);
  const costOf = (unit: number): number => (costs[unit] ||= computeCost(units, unit));
  let [counted, sum] = [0, speaker];
  return {
    rendered,
    speaker,
    units,
    costOf,
    // Costs are multiples of 1/8, so sums are exact in any order.
    cost: (enough) => {
      while (counted < costs.length && sum <= enough) sum += costOf(counted++);
      return sum;
    },
  };
}

/** Index of the first code unit of the character that ends at this code unit. */
function startOfCharacter(text: string, last: number): number {
  const isPair =
    last > 0 &&
    (text.charCodeAt(last) & 0xfc00) === 0xdc00 &&
    (text.charCodeAt(last - 1) & 0xfc00) === 0xd800;
  return isPair ? last - 1 : last;
}

function cached(compute: (key: string) => number): (key: string) => number {
  const known = new Map<string, number>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = compute(key);
      if (known.size >= capacity) known.clear();
      known.set(key, value);
    }
    return value;
  };
}
