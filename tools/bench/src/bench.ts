import { parseArgs } from 'node:util';
import { benchTraining } from './train/bench-training.ts';

const help = `npm run bench -- train [--corpus PATH] [--rounds 5] [--batches 6] [--threads 2] [--out docs/results/training.md]

Fine-tunes MiniLM a few steps at a time, alternately with Overture and with PyTorch, on the same data, and writes the
medians with the machine's description. Without --corpus: the sample corpus of the project.
PyTorch: an environment of the bench's own under tools/bench/.venv, or the interpreter named by OVERTURE_BENCH_PYTHON.
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    corpus: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    batches: { type: 'string', default: '6' },
    threads: { type: 'string', default: '2' },
    out: { type: 'string', default: 'docs/results/training.md' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help || positionals[0] !== 'train') {
  process.stdout.write(help);
  process.exitCode = values.help ? 0 : 2;
} else {
  const { rounds, batches, threads } = values;
  await benchTraining({ corpus: values.corpus, rounds: Number(rounds), batches: Number(batches), threads: Number(threads), out: values.out });
}
