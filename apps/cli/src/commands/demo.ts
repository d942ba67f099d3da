import { basename, resolve } from 'node:path';
import type { TrainResult } from '@overture/contracts';
import { renderTable } from '@overture/report';
import type { CliContext } from '../context.ts';
import { demoBase } from '../demo-base.ts';
import { demoCorpus } from '../demo-corpus.ts';
import { fitBases } from '../fit-base.ts';
import { duration } from '../output/format.ts';
import { runWorkflow } from '../run-workflow.ts';
import { saveReport } from '../save-report.ts';
import { openRunServer } from '../open-run-server.ts';
import { trainInput } from '../train-input.ts';

/** Options of `overture demo`. */
export interface DemoOptions {
  readonly corpus?: string;
  readonly base?: string;
  readonly epochs?: number;
}

/** Training settings by corpus and base model. Each training takes minutes on two cores and still learns. */
const plans: readonly {
  readonly corpus: string;
  readonly base: string;
  readonly training: Readonly<Record<string, number>>;
}[] = [
  { corpus: 'msdialog', base: 'minilm', training: { maxLength: 80 } },
  { corpus: 'msdialog', base: 'tiny', training: { epochs: 4, learningRate: 1e-3 } },
  { corpus: 'sample', base: 'minilm', training: { epochs: 4, learningRate: 5e-5 } },
  { corpus: 'sample', base: 'tiny', training: { epochs: 8, learningRate: 1e-3 } },
];

/**
 * `overture demo`: the main job, from dialogues to a registered model, with the corpus and base model
 * available here.
 */
export async function demo(context: CliContext, options: DemoOptions): Promise<void> {
  const { terminal, cwd } = context;
  const began = terminal.now();
  // Start the servers while the corpus and the base model are located.
  const opening = openRunServer(context);
  opening.catch(() => undefined);
  const [corpus, base] = await Promise.all([
    options.corpus === undefined ? demoCorpus(context) : { name: 'own', uri: resolve(cwd, options.corpus) },
    options.base ?? demoBase(context),
  ]).catch(async (error: unknown) => {
    await opening.then((stack) => stack[Symbol.asyncDispose]()).catch(() => undefined);
    throw error;
  });
  await using stack = await opening;
  const plan = plans.find((each) => each.corpus === corpus.name && each.base === base)?.training ?? {
    epochs: 1,
  };
  const training = options.epochs === undefined ? plan : { ...plan, epochs: options.epochs };
  const input = await fitBases(
    context,
    'trainInitiativeModel',
    await trainInput({ input: JSON.stringify({ name: 'demo', training }), corpus: corpus.uri, base }, cwd),
  );
  const workflowId = `demo-${context.randomId().slice(0, 8)}`;
  terminal.note(`corpus      ${corpus.name === 'own' ? basename(corpus.uri) : corpus.name}  (${corpus.uri})`);
  terminal.note(`base model  ${base}${base === 'tiny' ? ', made from the corpus' : ''}`);
  terminal.note(
    `training    ${Object.entries(training)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  );
  terminal.note(`Temporal    ${stack.uiUrl ?? stack.temporal.address}, run ${workflowId}\n`);
  const result = await runWorkflow<TrainResult>(context, stack, {
    workflow: 'trainInitiativeModel',
    workflowId,
    input,
  });
  const saved = await saveReport(context, result);
  const { runId, model, report } = result;
  if (terminal.json) {
    terminal.printJson({
      runId,
      workflowId,
      model,
      report,
      corpus,
      base,
      training,
      uiUrl: stack.uiUrl ?? null,
      reportPath: saved.page,
    });
    return;
  }
  terminal.print(
    [
      '',
      renderTable(saved.report),
      '',
      `run          ${runId}`,
      `model        ${model.name}@${model.version}  ${model.digest}`,
      `report       ${saved.page}`,
      `Temporal UI  ${stack.uiUrl ?? '(of your own server)'}${stack.owned ? '  (while a stack is up: npm start)' : ''}`,
      `took         ${duration(terminal.now() - began)}`,
    ].join('\n'),
  );
}
