import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ConvertCommandOptions } from './commands/corpus-convert.ts';
import type { PredictCommandOptions } from './commands/predict.ts';
import type { CliContext } from './context.ts';
import { exitCodeHelp } from './exit-codes.ts';

/**
 * The command line. Each command's code is loaded on use, so that help is fast.
 * @param setExitCode called by a command that finishes with an exit code other than 0
 */
export function overtureProgram(context: CliContext, setExitCode: (code: number) => void): Command {
  const program = new Command('overture')
    .description(
      'Trains, evaluates and serves models that predict when a conversational system should take the initiative.',
    )
    .version('0.1.0')
    .option('--json', 'print data as JSON on standard output')
    .option('--verbose', 'print stack traces')
    .showHelpAfterError('(--help shows what is possible)')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.terminal.print(text.trimEnd()),
      writeErr: (text) => context.terminal.note(text.trimEnd()),
    })
    .addHelpText(
      'after',
      `
Examples:
  $ overture demo
  $ overture train --corpus dialogues.jsonl --name support
  $ overture predict --model support open.jsonl
${exitCodeHelp}

Environment: OVERTURE_HOME (state; default .overture in the project), OVERTURE_CACHE (downloads), TEMPORAL_ADDRESS,
TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS… or TEMPORAL_PROFILE, and DATABASE_URL (servers of your own), OVERTURE_MSDIALOG (folder of the
MSDialog corpus).`,
    );

  program.hook('preAction', async (_, action) => {
    const { checkEnvironment } = await import('@overture/stack/environment');
    for (const warning of checkEnvironment(context.env, context)) context.terminal.warn(warning);
    const { corpus } = action.opts<{ readonly corpus?: string }>();
    // Checked before the command's own code is loaded. With a remote server, the files are on the worker's
    // machine.
    if (corpus === undefined || context.env['TEMPORAL_ADDRESS']) return;
    const { assertCorpusExists } = await import('./assert-corpus-exists.ts');
    assertCorpusExists(corpus.startsWith('file:') ? corpus : resolve(context.cwd, corpus));
  });

  command(program, 'demo', 'run the main job on a corpus that is at hand, and show what came of it', [
    'overture demo',
    'npm run demo',
  ])
    .option('--corpus <path>', 'this corpus in place of MSDialog or the sample')
    .option('--base <name>', 'base model in place of minilm (tiny needs no download)')
    .option('--epochs <n>', 'epochs in place of the demo’s choice', wholeNumber)
    .action(async (options) => (await loaded(context, import('./commands/demo.ts'))).demo(context, options));

  command(program, 'start', 'keep Temporal, its UI, Postgres and a worker up until Ctrl-C', [
    'overture start',
    'npm start',
    'overture start --json | head -1',
  ]).action(async () => (await loaded(context, import('./commands/start.ts'))).start(context));

  running(
    command(program, 'train', 'train a model with the workflow trainInitiativeModel and wait for it', [
      'overture train --corpus dialogues.jsonl --name support',
      'overture train --corpus data/msdialog --base minilm --set training.epochs=1 --set training.seed=7 --json',
      `overture train --input '{"base":"tiny","training":{"classWeights":"none"}}'`,
      'overture train --force fineTune',
      'overture train --from-run train-support-1a2b3c4d --from-stage evaluate',
    ]),
  )
    .option('--name <name>', 'name of the model in the registry')
    .action(async (options) =>
      (await loaded(context, import('./commands/train.ts'))).train(context, options),
    );

  running(
    command(
      program,
      'crossvalidate',
      'predict every conversation outside the test split with models that never saw it, and report on them',
      [
        'overture crossvalidate --corpus dialogues.jsonl --base minilm',
        'overture crossvalidate --corpus data/msdialog --folds 5 --seeds 0,1 --set training.classWeights=none --json',
        `overture crossvalidate --input '{"base":"tiny","folds":3}' --detach`,
      ],
    ),
  )
    .option('--folds <n>', 'how many parts the conversations are dealt into', wholeNumber)
    .option(
      '--seeds <list>',
      'seeds of the training, such as 0,1: the whole is done once for each',
      wholeNumbers,
    )
    .action(async (options) =>
      (await loaded(context, import('./commands/cross-validate.ts'))).crossValidate(context, options),
    );

  running(
    command(
      program,
      'sweep',
      'try settings of the training, stop the losers early, and train the best in full',
      [
        'overture sweep --corpus dialogues.jsonl --name support',
        'overture sweep --base minilm --vary learningRate=1e-5..1e-4:log --vary classWeights=balanced,none --trials 9',
        'overture sweep --strategy grid --vary epochs=1,2,4 --vary batchSize=8,16 --json',
      ],
    ),
  )
    .option('--name <name>', 'name of the model in the registry')
    .option(
      '--vary <setting=range>',
      'min..max, min..max:log or a,b,c of a training setting; may be repeated',
      collect,
      [],
    )
    .option('--strategy <name>', 'halving (default), random or grid')
    .option('--trials <n>', 'how many are drawn; of a grid the most that there may be', wholeNumber)
    .action(async (options) =>
      (await loaded(context, import('./commands/sweep.ts'))).sweep(context, options),
    );

  const study = running(
    command(
      program,
      'study',
      'compare rules, encoders and language models on the same folds, and answer whether fine-tuning and weighting help',
      [
        'overture study --preset smoke',
        'overture study --preset full --corpus data/msdialog',
        'overture study --preset full --corpus data/msdialog --arms tfidfBalanced,encoderUnweighted,encoderBalanced --seeds 0,1,2',
        'overture study --preset full --corpus data/msdialog --known ~/.overture/reports/study-1a2b3c4d',
        'overture study show study-1a2b3c4d',
      ],
    ),
    { base: false },
  )
    .option('--preset <name>', 'smoke (default: every arm in minutes, tiny models) or full')
    .option('--encoder <name>', 'base model of the encoder’s arms: minilm, tiny or a folder')
    .option('--language-model <name>', 'base model of the language model’s arms: smollm2, tiny or a folder')
    .option('--arms <list>', 'only these arms, with commas between them', names)
    .option('--folds <n>', 'how many parts the conversations are dealt into', wholeNumber)
    .option('--seeds <list>', 'seeds of the encoder’s trainings, such as 0,1', wholeNumbers)
    .option(
      '--known <folder>',
      'report of an earlier study on the same corpus and folds: its arms are taken from there and not run again; may be repeated',
      collect,
      [],
    )
    .action(async (options) =>
      (await loaded(context, import('./commands/study.ts'))).study(context, options),
    );
  command(study, 'ls', 'list studies, newest first', ['overture study ls --json']).action(async () =>
    (await loaded(context, import('./commands/study.ts'))).listStudies(context),
  );
  command(study, 'show', 'show what a study found', ['overture study show study-1a2b3c4d'])
    .argument('<run>', 'run id or workflow id')
    .action(async (run: string) =>
      (await loaded(context, import('./commands/study.ts'))).showStudy(context, run),
    );
  command(study, 'compare', 'show two studies side by side', [
    'overture study compare study-1a2b3c4d study-5e6f7a8b',
  ])
    .argument('<run>', 'run id or workflow id')
    .argument('<other>', 'another one')
    .action(async (run: string, other: string) =>
      (await loaded(context, import('./commands/study.ts'))).compareStudies(context, [run, other]),
    );

  running(
    command(
      program,
      'promote',
      'compare a registered model with the champion and the floors, and let a person decide',
      [
        'overture promote support --corpus dialogues.jsonl --split valid',
        'overture promote support@3 --corpus data/msdialog --detach --json',
        'overture runs approve promote-support-1a2b3c4d --by Ada --reason "better on every class"',
      ],
    ),
    { base: false },
  )
    .argument('<model>', 'name, its newest version, or name@version')
    .option(
      '--split <split>',
      'the part of the corpus that they are compared on: test (default), valid or train',
    )
    .option('--alias <alias>', 'what is to point at the model; default: champion')
    .addHelpText(
      'after',
      '\nWhere the model is better than all of them, the run asks; answer from another terminal or the Temporal UI.',
    )
    .action(async (model: string, options) =>
      (await loaded(context, import('./commands/promote.ts'))).promote(context, model, options),
    );

  command(program, 'plan', 'say what each stage of a workflow would do now: RUN or REUSE, and why', [
    'overture plan trainInitiativeModel',
    'overture plan trainInitiativeModel --corpus dialogues.jsonl --set training.epochs=3',
    `overture plan trainInitiativeModel --input '{"base":"tiny"}' --json`,
    'overture plan crossValidate --set folds=10',
  ])
    .argument('<workflow>', 'trainInitiativeModel, crossValidate, sweep, promoteModel or initiativeStudy')
    .option('--corpus <path>', 'file or folder with dialogues')
    .option('--base <name>', 'base model: minilm, tiny or a folder')
    .option('--name <name>', 'name of the model in the registry')
    .option('--input <file or JSON>', 'the workflow’s input; - reads standard input')
    .option('--set <key=value>', 'one value of the input; may be repeated', collect, [])
    .option('--force <stage>', 'as of train', collect, [])
    .option('--no-cache', 'as of train')
    .option('--from-run <id>', 'as of train')
    .option('--from-stage <stage>', 'as of train')
    .action(async (workflow: string, options) =>
      (await import('./commands/plan.ts')).plan(context, workflow, options),
    );

  command(program, 'settings', 'Show what the settings of a training do, with range and default', [
    'overture settings',
    'overture settings learningRate',
    'overture settings --schema trainInitiativeModel',
  ])
    .argument('[key]', 'a setting, such as learningRate or lora.rank')
    .option('--schema <workflow>', 'print the JSON Schema of this workflow’s input')
    .option('--markdown', 'print the page docs/settings.md')
    .action(async (key: string | undefined, options) =>
      (await import('./commands/settings.ts')).showSettings(context, key, options),
    );

  command(program, 'evaluate', 'score a registered model on a corpus that it never saw', [
    'overture evaluate --model support --corpus more-dialogues.jsonl',
    'overture evaluate --model support@2 --corpus data/msdialog --split test --json',
  ])
    .requiredOption('--model <name[@version]>', 'a registered model')
    .requiredOption('--corpus <path>', 'file or folder with labeled dialogues')
    .option('--format <format>', 'format of the corpus', 'auto')
    .option('--split <split>', 'train, valid or test of the corpus, or all of it', 'all')
    .option('--samples <n>', 'resamples behind the 95 % intervals', wholeNumber, 2000)
    .action(async (options) => (await import('./commands/evaluate.ts')).evaluate(context, options));

  command(
    program,
    'predict',
    'say for each conversation whether the system should take the initiative next',
    [
      'overture predict --model support open.jsonl',
      'tail -f log.jsonl | overture predict --model support@2 -',
      'overture predict --model support --drop-answer corpus.jsonl',
      'overture predict --model ./exported-bundle open.jsonl --threshold 0.7 --precision int8',
    ],
  )
    .argument('<file>', 'JSON Lines of conversations, one a line; - reads standard input')
    .requiredOption(
      '--model <model>',
      'a registered model (name[@version]) or the folder of an exported bundle',
    )
    .option('--threshold <p>', 'predict initiative from this probability on; default: the model’s own', share)
    .option(
      '--drop-answer',
      'leave out what the system says after the last turn of the user, for conversations that have been answered',
    )
    .option('--threads <n>', 'processor cores to use; default: all', wholeNumber)
    .option('--batch-size <n>', 'so many conversations are answered together at most', wholeNumber, 256)
    .addOption(
      new Option('--execution-provider <name>', 'where to compute; cpu is the only one that was tried')
        .choices([
          'cpu',
          'cuda',
          'webgpu',
          'coreml',
          'dml',
        ] satisfies PredictCommandOptions['executionProvider'][])
        .default('cpu'),
    )
    .addOption(
      new Option('--precision <type>', 'the network in float32, or in int8 where the model has that')
        .choices(['float32', 'int8'])
        .default('float32'),
    )
    .addHelpText(
      'after',
      '\nEvery line gets one: a prediction, or {"line", "error"} where there can be none; the exit code is then 3.',
    )
    .action(async (file: string, options) =>
      setExitCode(await (await import('./commands/predict.ts')).predict(context, file, options)),
    );

  const runs = group(
    program,
    'runs',
    'show what ran; decide about a run whose stage failed; control a training',
    [
      'overture runs ls',
      'overture runs show train-initiative-1a2b3c4d',
      'overture runs retry train-initiative-1a2b3c4d --set uri=/data/dialogues.jsonl',
    ],
  );
  command(runs, 'ls', 'list runs, newest first', [
    'overture runs ls',
    'overture runs ls --state failed --json',
  ])
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .option(
      '--state <state>',
      'queued, running, parked, waiting, interrupted, completed, failed, cancelled or refused',
    )
    .option('--all', 'also list the workflows that other runs started')
    .action(async (options) => (await import('./commands/runs.ts')).listRuns(context, options));
  command(runs, 'show', 'show one run: stages, metrics, models', [
    'overture runs show train-initiative-1a2b3c4d',
  ])
    .argument('<id>', 'run id, workflow id or Temporal’s run id')
    .action(async (id: string) => (await import('./commands/runs.ts')).showRun(context, id));
  command(runs, 'retry', 'start a parked stage again, with changes to its input if need be', [
    'overture runs retry train-initiative-1a2b3c4d',
    'overture runs retry train-initiative-1a2b3c4d ingest --set uri=/data/dialogues.jsonl',
    `overture runs retry train-initiative-1a2b3c4d fineTune --overrides '{"training":{"batchSize":8}}' --json`,
  ])
    .argument('<run>', 'run id or workflow id')
    .argument('[stage]', 'the parked stage; may be left out when there is one')
    .option('--set <key=value>', 'one value of the stage’s input; may be repeated', collect, [])
    .option('--overrides <JSON>', 'changes to the stage’s input as one object; null removes a key')
    .action(async (run: string, stage: string | undefined, options) =>
      (await import('./commands/decide.ts')).retryStage(context, run, stage, options),
    );
  command(runs, 'skip', 'go on without a parked stage, where the workflow allows it', [
    'overture runs skip train-initiative-1a2b3c4d computeFloors',
    'overture runs skip train-initiative-1a2b3c4d --json',
  ])
    .argument('<run>', 'run id or workflow id')
    .argument('[stage]', 'the parked stage; may be left out when there is one')
    .action(async (run: string, stage: string | undefined) =>
      (await import('./commands/decide.ts')).skipStage(context, run, stage),
    );
  command(runs, 'approve', 'answer a gate that asks with yes', [
    'overture runs approve promote-support-1a2b3c4d --by Ada --reason "better on every class"',
    'overture runs approve promote-support-1a2b3c4d approve --json',
  ])
    .argument('<run>', 'run id or workflow id')
    .argument('[gate]', 'the gate; may be left out when one asks')
    .option('--by <name>', 'who decides; kept with the run')
    .option('--reason <text>', 'why; kept with the run')
    .action(async (run: string, gate: string | undefined, options) =>
      (await import('./commands/decide.ts')).answerGate(context, run, gate, { ...options, approve: true }),
    );
  command(runs, 'reject', 'answer a gate that asks with no', [
    'overture runs reject promote-support-1a2b3c4d --by Ada --reason "too few questions"',
  ])
    .argument('<run>', 'run id or workflow id')
    .argument('[gate]', 'the gate; may be left out when one asks')
    .option('--by <name>', 'who decides; kept with the run')
    .option('--reason <text>', 'why; kept with the run')
    .action(async (run: string, gate: string | undefined, options) =>
      (await import('./commands/decide.ts')).answerGate(context, run, gate, { ...options, approve: false }),
    );
  command(
    runs,
    'control',
    'ask something of a training that is at work: stop after its epoch, evaluate, learn more slowly',
    [
      'overture runs control train-initiative-1a2b3c4d --stop-after-epoch',
      'overture runs control train-initiative-1a2b3c4d fineTune --learning-rate 0.5 --by Ada',
      'overture runs control train-initiative-1a2b3c4d --evaluate-now --json',
    ],
  )
    .argument('<run>', 'run id or workflow id')
    .argument('[stage]', 'the training; may be left out when one is at work')
    .option('--stop-after-epoch', 'end with the epoch that it is in')
    .option(
      '--evaluate-now',
      'score the split valid with the network as it is; what is learned stays the same',
    )
    .option('--learning-rate <share>', 'go on at this share of the learning rate, over 0 and under 1', share)
    .option('--by <name>', 'who asks; kept with the run')
    .addHelpText(
      'after',
      '\nIt takes effect between two steps, and is kept with the run: an interrupted training repeats it at the same step. A training that learned\nsomething else for it is not reused by other runs.',
    )
    .action(async (run: string, stage: string | undefined, options) =>
      (await import('./commands/decide.ts')).controlTraining(context, run, stage, options),
    );
  command(runs, 'cancel', 'cancel a run; finished stages are kept for reuse', [
    'overture runs cancel train-initiative-1a2b3c4d',
    'overture runs cancel train-initiative-1a2b3c4d --json',
  ])
    .argument('<run>', 'run id or workflow id')
    .action(async (run: string) => (await import('./commands/cancel-run.ts')).cancelRun(context, run));
  command(runs, 'abort', 'stop a run; what is finished is kept for reuse', [
    'overture runs abort train-initiative-1a2b3c4d',
    'overture runs abort train-initiative-1a2b3c4d --reason "wrong corpus"',
  ])
    .argument('<run>', 'run id or workflow id')
    .option('--reason <text>', 'kept with the run')
    .action(async (run: string, options) =>
      (await import('./commands/decide.ts')).abortRun(context, run, options),
    );

  const schedule = group(
    program,
    'schedule',
    'look at a corpus again and again, and train anew when it has changed',
    [
      'overture schedule create nightly --cron "0 3 * * *" --corpus dialogues.jsonl --name support',
      'overture schedule ls',
    ],
  );
  running(
    command(
      schedule,
      'create',
      'start a workflow again and again; a run that finds nothing new ends in a second',
      [
        'overture schedule create nightly --cron "0 3 * * *" --corpus dialogues.jsonl --name support',
        'overture schedule create weekly-study --every 7d --workflow crossValidate --set folds=10 --json',
      ],
    ),
    { started: false },
  )
    .argument('<name>', 'name of the schedule')
    .option('--name <name>', 'name of the model in the registry')
    .option(
      '--workflow <workflow>',
      'trainInitiativeModel, crossValidate, sweep, promoteModel or initiativeStudy',
      'trainInitiativeModel',
    )
    .option('--every <time>', 'how often: 30m, 12h, 1d')
    .option('--cron <fields>', 'when: minute, hour, day, month and weekday')
    .option('--time-zone <name>', 'of --cron, such as Europe/Berlin; default UTC')
    .action(async (name: string, options) =>
      (await import('./commands/schedule.ts')).createSchedule(context, name, options),
    );
  command(schedule, 'ls', 'list schedules, and when they start next', ['overture schedule ls --json']).action(
    async () => (await import('./commands/schedule.ts')).listSchedules(context),
  );
  command(schedule, 'pause', 'start nothing until it is resumed', [
    'overture schedule pause nightly --reason "the corpus is being cleaned"',
  ])
    .argument('<name>', 'name of the schedule')
    .option('--reason <text>', 'shown with the schedule')
    .action(async (name: string, options) =>
      (await import('./commands/schedule.ts')).pauseSchedule(context, name, options),
    );
  command(schedule, 'resume', 'start again when it is time', ['overture schedule resume nightly'])
    .argument('<name>', 'name of the schedule')
    .action(async (name: string) => (await import('./commands/schedule.ts')).resumeSchedule(context, name));
  command(schedule, 'trigger', 'start the workflow now, beside its times', [
    'overture schedule trigger nightly --json',
  ])
    .argument('<name>', 'name of the schedule')
    .action(async (name: string) => (await import('./commands/schedule.ts')).triggerSchedule(context, name));
  command(schedule, 'delete', 'remove a schedule; what it ran is kept', ['overture schedule delete nightly'])
    .argument('<name>', 'name of the schedule')
    .action(async (name: string) => (await import('./commands/schedule.ts')).deleteSchedule(context, name));

  const models = group(program, 'models', 'show what was trained, and export it', [
    'overture models ls',
    'overture models export support --to ./support-model',
  ]);
  command(models, 'ls', 'list models and their versions', ['overture models ls --json']).action(async () =>
    (await import('./commands/models.ts')).listModels(context),
  );
  command(models, 'show', 'show a version of a model', [
    'overture models show support',
    'overture models show support@2',
  ])
    .argument('<model>', 'name, name@version or name@alias')
    .action(async (model: string) => (await import('./commands/models.ts')).showModel(context, model));
  command(
    models,
    'export',
    'write a model’s bundle to a folder, ready for predict, transformers.js or onnxruntime',
    ['overture models export support --to ./support-model'],
  )
    .argument('<model>', 'name, name@version or name@alias')
    .requiredOption('--to <folder>', 'folder to write; must not exist')
    .action(async (model: string, options) =>
      (await import('./commands/models.ts')).exportModel(context, model, options),
    );

  const corpus = group(program, 'corpus', 'inspect, convert and label dialogues, and download public ones', [
    'overture corpus inspect dialogues.jsonl',
    'overture corpus pull msdialog',
  ]);
  command(corpus, 'inspect', 'count conversations, labels and tags; find problems', [
    'overture corpus inspect dialogues.jsonl',
    'overture corpus inspect data/msdialog --json',
  ])
    .argument('<path>', 'file or folder')
    .option('--format <format>', 'msdialog-json, msdialog-tsv, clariq or jsonl', 'auto')
    .option('--protocol <protocol>', 'cikm23 or utterance', 'cikm23')
    .option('--tag-set <set>', 'cikm23-5, poster-7 or tags joined by commas', 'cikm23-5')
    .action(async (path: string, options) =>
      (await import('./commands/corpus.ts')).inspect(context, path, options),
    );
  command(corpus, 'convert', 'convert a chat export to a corpus', [
    'overture corpus convert export.json --to corpus.jsonl',
    'overture corpus convert tickets.json --from zendesk --labels question --to corpus.jsonl',
    'overture corpus convert chats.json --map messages=thread.items --map role=sender.type --map text=body --map system=bot,agent --to corpus.jsonl',
  ])
    .argument('<file>', 'the export')
    .requiredOption('--to <file>', 'corpus to write, as JSON Lines')
    .option(
      '--from <export>',
      'intercom, zendesk, sharegpt, openai, csv or json; auto recognizes all but json',
      'auto',
    )
    .option(
      '--map <key=value>',
      'where a part is (conversations, id, title, messages, role, text, message-id, time; dotted paths), or which words mean user, system or skip; may be repeated',
      collect,
      [],
    )
    .addOption(
      new Option(
        '--html <when>',
        'convert HTML to plain text in all texts, in those with tags or entities, or in none; default: depends on the export',
      ).choices(['always', 'detect', 'never'] satisfies ConvertCommandOptions['html'][]),
    )
    .option('--labels <rule>', 'label the system’s turns weakly by a rule: question or question-or-request')
    .option('--force', 'overwrite the file')
    .action(async (file: string, options) =>
      (await import('./commands/corpus-convert.ts')).convert(context, file, options),
    );
  command(corpus, 'label', 'label system turns in the terminal, or by a rule', [
    'overture corpus label corpus.jsonl',
    'overture corpus label corpus.jsonl --rule question --to labeled.jsonl',
  ])
    .argument('<file>', 'corpus as JSON Lines')
    .option(
      '--rule <rule>',
      'label every turn without a label by this rule, without asking; default for the comparison shown: question',
    )
    .option('--to <file>', 'corpus to write; default: the file itself')
    .option('--force', 'overwrite the file of --to')
    .action(async (file: string, options) =>
      (await import('./commands/corpus-label.ts')).label(context, file, options),
    );
  command(corpus, 'pull', 'download a public corpus', [
    'overture corpus pull msdialog',
    'overture corpus pull msdialog --to data/msdialog',
  ])
    .argument('<name>', 'msdialog')
    .option('--to <folder>', 'folder to write; default: the cache, where demo and train find it')
    .action(async (name: string, options) =>
      (await import('./commands/corpus.ts')).pull(context, name, options),
    );

  const registry = group(program, 'registry', 'maintain the database of runs and models', [
    'overture registry migrate --grant overture_app',
  ]);
  command(
    registry,
    'migrate',
    'create and update the tables of the registry, as the owner of the database in DATABASE_URL',
    [
      'overture registry migrate',
      'overture registry migrate --grant overture_app --json',
      'overture registry migrate --schema support --grant support_app',
    ],
  )
    .option('--schema <name>', 'schema of the tables; default: OVERTURE_REGISTRY_SCHEMA, else overture')
    .option(
      '--grant <role>',
      'let this role read and write, but not change tables; may be repeated',
      collect,
      [],
    )
    .addHelpText(
      'after',
      '\nOther commands and workers migrate by themselves if their role may. Run this before them where it may not.',
    )
    .action(async (options) => (await import('./commands/registry.ts')).migrate(context, options));

  command(program, 'doctor', 'check this machine, or explain a model folder, and say what to do', [
    'overture doctor',
    'overture doctor --json',
    'overture doctor --base ./my-model',
    'overture doctor --base model.gguf --json',
  ])
    .option(
      '--base <path>',
      'explain this model folder or GGUF file: what it is, what is used of it, what is missing',
    )
    .action(async ({ base }: { readonly base?: string }) =>
      setExitCode(
        base === undefined
          ? await (await import('./commands/doctor.ts')).doctor(context)
          : await (await import('./commands/doctor-base.ts')).doctorBase(context, base),
      ),
    );

  return program;
}

/** Loads the code of a command. Ctrl-C does not wait for it, since nothing has started yet. */
function loaded<Code>({ interrupt }: CliContext, code: Promise<Code>): Promise<Code> {
  interrupt.throwIfAborted();
  const interrupted = new Promise<never>((_, reject) => {
    interrupt.addEventListener('abort', () => reject(interrupt.reason as Error), { once: true });
  });
  return Promise.race([code, interrupted]);
}

function group(program: Command, name: string, description: string, examples: readonly string[]): Command {
  return program.command(name).description(description).addHelpText('after', exampleHelp(examples));
}

/** A command with examples in its help; `--json` and `--verbose` may come before or after it. */
function command(parent: Command, name: string, description: string, examples: readonly string[]): Command {
  return parent
    .command(name)
    .description(description)
    .option('--json', 'print data as JSON on standard output')
    .option('--verbose', 'print stack traces')
    .addHelpText('after', exampleHelp(examples));
}

/** Adds the options shared by all commands that run a workflow on a corpus. */
function running(
  parent: Command,
  { base = true, started = true }: { readonly base?: boolean; readonly started?: boolean } = {},
): Command {
  parent.option(
    '--corpus <path>',
    'file or folder with dialogues; default: MSDialog when it is at hand, else the sample',
  );
  if (base) parent.option('--base <name>', 'base model: minilm, tiny or a folder');
  parent
    .option(
      '--input <file or JSON>',
      'the workflow’s input, as one would paste it in the Temporal UI; - reads standard input',
    )
    .option(
      '--set <key=value>',
      'one value of the input, such as training.epochs=2; may be repeated',
      collect,
      [],
    )
    .option('--force <stage>', 'run this stage anew, whatever is known; may be repeated', collect, [])
    .option('--no-cache', 'run every stage anew')
    .option(
      '--from-run <id>',
      'with --from-stage: everything that the stage needs is taken from this run as it is',
    )
    .option('--from-stage <stage>', 'with --from-run: the first stage that runs anew')
    .option(
      '--park',
      'let a stage that fails wait for "overture runs retry", skip or abort; default: the run fails',
    );
  if (!started) return parent;
  return parent
    .option('--workflow-id <id>', 'id of the workflow in Temporal')
    .option('--detach', 'print the ids and do not wait (needs a stack that stays up, or TEMPORAL_ADDRESS)');
}

function exampleHelp(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`;
}

function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function wholeNumbers(text: string): number[] {
  if (!/^\d+(,\d+)*$/.test(text))
    throw new InvalidArgumentError('It must be whole numbers with commas between them, such as 0,1.');
  return text.split(',').map(Number);
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be a number from 0 to 1.');
  return value;
}
