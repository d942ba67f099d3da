import type { Turn } from '@overture/dialogue';
import { cleanText, speakers, type RenderedTurn } from './render-example.ts';
import { textUnits, type TextUnits } from './text-units.ts';
import type { Tokenizer } from './tokenizer.ts';

/** A unit costs the tokens that it adds behind the character before it, or behind this word and a space. */
export const carrier = 'a';

/** The least that a unit costs. Tokenizers drop some characters and merge unknown ones: a megabyte of them must not count as nothing. */
export const leastCost = 0.125;

/** A turn and what its parts cost; costs are computed when they are needed and cached. */
export interface MeasuredTurn {
  readonly rendered: RenderedTurn;
  /** Tokens of the line break and the speaker. */
  readonly speaker: number;
  readonly units: TextUnits;
  costOf(unit: number): number;
  /** Tokens of the turn with its speaker; counting ends behind `enough`, with any number above it. */
  cost(enough: number): number;
}

/** Entries of each cache at most. */
const capacity = 100_000;

/** Measures turns. Caches the turns that examples share and the costs of words. */
export function turnMeter(tokenizer: Tokenizer): (turn: Turn) => MeasuredTurn {
  const tokensOf = (text: string): number => tokenizer.encode(text).length;
  const tokensBefore = cached(tokensOf);
  const costBehind = (before: string, text: string): number => Math.max(leastCost, tokensOf(before + text) - tokensBefore(before));
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
        return units.attached[i] ? attached(text.slice(startOfCharacter(text, start - 1), end)) : spaced(text.slice(start, end));
      });
      turns.set(turn, measured);
    }
    return measured;
  };
}

function measuredTurn(rendered: RenderedTurn, speaker: number, computeCost: (units: TextUnits, unit: number) => number): MeasuredTurn {
  const units = textUnits(rendered.text);
  const costs: number[] = new Array<number>(units.starts.length).fill(0); // none is free, so 0 is unknown
  const costOf = (unit: number): number => (costs[unit] ||= computeCost(units, unit));
  let [counted, sum] = [0, speaker];
  return {
    rendered, speaker, units, costOf,
    // Costs are multiples of 1/8, so that sums are exact in any order.
    cost: (enough) => {
      while (counted < costs.length && sum <= enough) sum += costOf(counted++);
      return sum;
    },
  };
}

/** Where the character begins that ends at this code unit. */
function startOfCharacter(text: string, last: number): number {
  const isPair = last > 0 && (text.charCodeAt(last) & 0xfc00) === 0xdc00 && (text.charCodeAt(last - 1) & 0xfc00) === 0xd800;
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
