import { markedText } from '@overture/baselines';
import { examplesOf, openCorpus, planSplits, resolveTagSet, withSplits } from '@overture/dialogue';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setUpPythonPeer } from '../dag/python-peers.ts';
import { openPeerProcess, type PeerProcess } from '../peer-process.ts';

interface Answer {
  readonly seconds: number;
  readonly objectives: readonly [number, number];
  readonly peakMiB: number;
}

/** The baselines of both libraries on the same texts. */
export interface BaselineComparison {
  readonly texts: number;
  readonly ours: Answer;
  readonly theirs: Answer;
  /**
   * The larger of both relative differences between our objectives and scikit-learn's, fitted to a tolerance
   * of 1e-6. Null if that would take too long.
   */
  readonly objectiveDifference: number | null;
  readonly descriptions: readonly string[];
}

const sklearn = { name: 'scikit-learn', requirement: 'scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1' };

/** Maximum number of texts for which scikit-learn fits to a tolerance of 1e-6 in about a minute. */
const mostExactTexts = 20_000;

/**
 * Runs TF-IDF and both fits with Overture and with scikit-learn in turns, each in a process that stays open.
 * Of several rounds, the first one warms up.
 * @returns medians
 */
export async function compareBaselines(
  corpus: string,
  {
    folder,
    rounds,
    log,
  }: { readonly folder: string; readonly rounds: number; readonly log: (line: string) => void },
): Promise<BaselineComparison> {
  const interpreter = await setUpPythonPeer(sklearn, log);
  const file = join(folder, 'texts.jsonl');
  const texts = await writeTexts(corpus, file);
  const ours = await openPeerProcess('Overture', process.execPath, [
    join(import.meta.dirname, 'baselines-peer.ts'),
    file,
  ]);
  const theirs = await openPeerProcess('scikit-learn', interpreter, [
    join(import.meta.dirname, 'sklearn_peer.py'),
    file,
  ]);
  try {
    const ask = async (peer: PeerProcess, question: string): Promise<Answer> =>
      (await peer.ask(question)) as Answer;
    const answers: { ours: Answer[]; theirs: Answer[] } = { ours: [], theirs: [] };
    for (let round = 0; round < rounds; round++) {
      const [a, b] = [await ask(ours, 'default'), await ask(theirs, 'default')];
      log(
        `baselines on ${texts} texts, round ${round}: Overture ${a.seconds.toFixed(1)} s, scikit-learn ${b.seconds.toFixed(1)} s`,
      );
      if (round === 0 && rounds > 1) continue;
      answers.ours.push(a);
      answers.theirs.push(b);
    }
    const exact = texts > mostExactTexts ? undefined : await ask(theirs, 'exact');
    const { objectives } = answers.ours[0]!;
    return {
      texts,
      ours: median(answers.ours),
      theirs: median(answers.theirs),
      descriptions: [ours.description, theirs.description],
      objectiveDifference:
        exact === undefined
          ? null
          : Math.max(...objectives.map((value, i) => Math.abs(value / exact.objectives[i]! - 1))),
    };
  } finally {
    ours.close();
    theirs.close();
  }
}

function median(answers: readonly Answer[]): Answer {
  return answers.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(answers.length / 2)]!;
}

/** Writes the texts and labels of the training split, on which `computeFloors` fits. */
async function writeTexts(path: string, file: string): Promise<number> {
  const corpus = await openCorpus(path);
  const plan = await planSplits(corpus, { seed: 0, fractions: { train: 0.8, valid: 0.1, test: 0.1 } });
  const rule = { protocol: 'cikm23', tagSet: resolveTagSet('cikm23-5') } as const;
  const out = createWriteStream(file);
  let count = 0;
  for await (const conversation of withSplits(corpus.conversations(), plan)) {
    if (conversation.split !== 'train') continue;
    for (const example of examplesOf(conversation, rule)) {
      count++;
      if (!out.write(`${JSON.stringify([example.label, markedText(example)])}\n`)) await once(out, 'drain');
    }
  }
  out.end();
  await finished(out);
  return count;
}
