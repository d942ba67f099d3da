import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** The size and the seed of an invented corpus. */
export interface InventedCorpus {
  readonly conversations: number;
  readonly seed: number;
}

const wordCount = 60_000;
const phraseCount = 200_000;
const topics = 40;
const asking = ['which', 'what', 'could you', 'did you', 'when', 'how'] as const;
const answering = ['try', 'open', 'please', 'install', 'you can', 'click'] as const;

/**
 * Writes invented support dialogues as JSON Lines, about 2 kB each. They have words with Zipf frequencies,
 * recurring phrases and topics. System turns ask more often early on and after vague openings. The same seed
 * writes the same bytes, and a longer corpus begins with the shorter one.
 */
export async function makeCorpus(file: string, { conversations, seed }: InventedCorpus): Promise<void> {
  const random = mulberry32(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const words = Array.from({ length: wordCount }, () => inventedWord(below));
  // Ranks drawn as exp(uniform · ln n) have frequencies of 1 / rank.
  const zipf = (n: number): number => Math.floor(Math.exp(random() * Math.log(n)));
  const word = (topic: number): string =>
    words[random() < 0.3 ? (zipf(2000) * topics + topic) % wordCount : zipf(wordCount)]!;
  const phrases = Array.from({ length: phraseCount }, () =>
    Array.from({ length: 3 + below(5) }, () => word(below(topics))).join(' '),
  );
  const sentence = (topic: number, parts: number): string =>
    Array.from({ length: parts }, () => (random() < 0.6 ? phrases[zipf(phraseCount)]! : word(topic))).join(
      ' ',
    );

  const out = createWriteStream(file);
  for (let i = 0; i < conversations; i++) {
    const [topic, vague] = [below(topics), random() < 0.4];
    const utterances: object[] = [];
    const exchanges = 1 + below(3);
    for (let exchange = 0; exchange < exchanges; exchange++) {
      utterances.push({
        role: 'user',
        text: `${exchange === 0 && vague ? 'it does not work ' : ''}${sentence(topic, 10 + below(24))}.`,
      });
      const initiative = random() < (exchange === 0 ? (vague ? 0.75 : 0.35) : 0.2);
      const cue = (initiative === random() < 0.85 ? asking : answering)[below(6)]!;
      utterances.push({
        role: 'system',
        text: `${cue} ${sentence(topic, 5 + below(18))}${initiative ? '?' : '.'}`,
        initiative,
      });
    }
    if (!out.write(`${JSON.stringify({ id: `invented-${i}`, utterances })}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

function inventedWord(below: (n: number) => number): string {
  const syllable = (): string =>
    'bcdfghklmnprstvwz'[below(17)]! + 'aeiou'[below(5)]! + ['', '', 'n', 'r', 's', 't'][below(6)]!;
  return Array.from({ length: 1 + below(4) }, syllable).join('');
}

/** A small generator of uniform numbers in [0, 1) (Tommy Ettinger's mulberry32, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
