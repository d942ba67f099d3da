import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { resolveTagSet } from '@overture/dialogue';
import { writeBundle } from '@overture/inference';
import { createTinyBase, parseNetwork, parseWeights, sequenceClassifier } from '@overture/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..', '..', '..');
const built = join(root, 'libs/inference/dist/package');
const [tarball] = readdirSync(built).filter((file) => file.endsWith('.tgz'));

// The package has dependencies, such as onnxruntime-node, that only a registry provides.
const registryAnswers = spawnSync('npm', ['ping'], { shell: process.platform === 'win32' }).status === 0;

/** Every available Node: this one, and those on the PATH. The package supports version 20 and later. */
const nodes = [
  ...new Map(
    [
      process.execPath,
      ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node')),
    ].flatMap((path) => {
      const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
      return status === 0 && Number(/^v(\d+)/.exec(stdout)?.[1]) >= 20
        ? [[stdout.trim(), path] as const]
        : [];
    }),
  ),
];

let outside: string;
let bundle: string;
beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), 'overture-outside-'));
  bundle = join(outside, 'model');
  const base = await createTinyBase({
    texts: conversations.flatMap(({ utterances }) => utterances.map(({ text }) => text)),
    to: join(outside, 'base'),
    seed: 0,
  });
  const model = sequenceClassifier(parseNetwork(await readFile(base.files.config, 'utf8')), { classes: 2 });
  await writeBundle(bundle, {
    name: 'outside',
    base,
    model,
    pooling: 'mean',
    maxLength: 64,
    threshold: 0.5,
    temperature: 1,
    protocol: 'cikm23',
    tagSet: resolveTagSet('cikm23-5'),
    weights: parseWeights(await readFile(base.files.weights), model, { where: 'base', seed: 0 }),
    tokenizer: await readFile(base.files.tokenizer),
    training: { settings: {}, measured: {} },
  });
});
afterAll(() => rmSync(outside, { recursive: true, force: true }));

const user = (text: string) => ({ role: 'user', text });
const system = (text: string) => ({ role: 'system', text });
const conversations = [
  { id: 'plain', utterances: [user('My printer is offline. What can I do?')] },
  {
    id: 'merged',
    utterances: [user('Hello'), user('my printer'), system('Which one?'), user('The red one 🙂')],
  },
  {
    id: 'opening',
    utterances: [
      user('The update fails with an error every time. '.repeat(40)),
      system('Which error?'),
      user('0x80070057'),
    ],
  },
  {
    id: 'latest',
    utterances: [
      user('It fails.'),
      system('Please send the log.'),
      user('error: the queue is full; '.repeat(40)),
    ],
  },
  {
    id: 'many',
    utterances: Array.from({ length: 41 }, (_, i) =>
      i % 2 === 0 ? user(`Question ${i}: it doesn't print`) : system(`Have you tried ${i}?`),
    ),
  },
  { id: 'odd', utterances: [user('a\u0000b [SEP] </s> 你好 \ud83d\r\n')] },
  { id: 'empty', utterances: [user(' ')] },
];

describe.skipIf(!registryAnswers)('the tarball of the predictor, installed outside the workspace', () => {
  let place: string;
  beforeAll(() => {
    place = join(outside, 'project');
    mkdirSync(place);
    // As described in its README.
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', join(built, tarball!)], {
      cwd: place,
      stdio: 'pipe',
      shell: process.platform === 'win32',
    });
  }, 300_000);

  it.each(nodes)('predicts what overture predict does, on Node %s', (_, node) => {
    writeFileSync(join(place, 'conversations.json'), JSON.stringify(conversations));
    writeFileSync(
      join(place, 'program.mjs'),
      `import { readFileSync } from 'node:fs';
import { openPredictor } from 'overture-predictor';
const predictor = await openPredictor(${JSON.stringify(bundle)});
console.log(JSON.stringify(await predictor.predictNext(JSON.parse(readFileSync('conversations.json', 'utf8')))));
await predictor.close();`,
    );
    const theirs = JSON.parse(
      execFileSync(node, ['program.mjs'], { cwd: place, encoding: 'utf8' }),
    ) as Answer[];
    const ours = overturePredict();
    expect(theirs.map(({ probability: _p, ...rest }) => rest)).toEqual(
      ours.map(({ probability: _p, ...rest }) => rest),
    );
    theirs.forEach(({ probability }, i) =>
      expect(Math.abs(probability - ours[i]!.probability)).toBeLessThan(1e-6),
    );
    expect(ours.filter(({ truncated }) => truncated).map(({ id }) => id)).toEqual([
      'opening',
      'latest',
      'many',
    ]);
  });

  /** Without the colors that a test runner requests. */
  const plain = () =>
    ({
      cwd: place,
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1' },
    }) as const;

  it('runs the program of its README', () => {
    const [, program] = /```js\n([^]*?)```/.exec(
      readFileSync(join(place, 'node_modules/overture-predictor/README.md'), 'utf8'),
    )!;
    writeFileSync(join(place, 'readme.mjs'), program!.replace('path/to/the/exported/model', bundle));
    expect(execFileSync(process.execPath, ['readme.mjs'], plain())).toMatch(/id: '1',\s+probability: 0\.\d+/);
  });

  it('runs the program of a model card', () => {
    const [, program] = /```js\n(import \{ openPredictor[^]*?)```/.exec(
      readFileSync(join(bundle, 'README.md'), 'utf8'),
    )!;
    writeFileSync(
      join(place, 'card.mjs'),
      `${program!.replace('path/of/this/folder', bundle)}console.log(prediction);`,
    );
    expect(execFileSync(process.execPath, ['card.mjs'], plain())).toMatch(/id: '1',\s+probability: 0\.\d+/);
  });

  it('has types', () => {
    writeFileSync(
      join(place, 'typed.mts'),
      `import { AppError, openPredictor, type Conversation, type Prediction } from 'overture-predictor';
const conversation: Conversation = { id: '1', utterances: [{ role: 'user', text: 'Hello' }] };
const predictor = await openPredictor('model', { processes: 0 });
const predictions: Prediction[] = await predictor.predictNext([conversation], { threshold: 0.4 });
const first: number = predictions[0]!.probability + predictor.manifest.text.maxLength;
// @ts-expect-error a role is user or system
await predictor.predictNext([{ id: '1', utterances: [{ role: 'agent', text: 'Hello' }] }]);
export default first && AppError;
`,
    );
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      lib: ['es2023', 'esnext', 'dom'],
    };
    writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.mts'] }));
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', place],
      { encoding: 'utf8' },
    );
    expect(status, stdout).toBe(0);
  });
});

interface Answer {
  readonly id: string;
  readonly probability: number;
  readonly truncated: boolean;
}

function overturePredict(): Answer[] {
  const file = join(outside, 'open.jsonl');
  writeFileSync(file, conversations.map((conversation) => JSON.stringify(conversation)).join('\n'));
  const env = { ...process.env, OVERTURE_HOME: join(outside, 'home') };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'apps/cli/src/main.ts'), 'predict', file, '--model', bundle],
    { encoding: 'utf8', env },
  );
  expect(status, stderr).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}
