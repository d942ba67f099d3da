import { resolveBaseModel, type BaseModel } from '@overture/models';
import { openLanguageModel, type LanguageModel, type Precision } from '@overture/inference';
import type { Done, GenerationPeer, Task } from './generation-task.ts';

/** Overture as a peer of the generation benchmark. */
export async function overturePeer(
  base: BaseModel,
  {
    precision,
    threads,
    name,
  }: { readonly precision: Precision; readonly threads: number; readonly name: string },
): Promise<GenerationPeer> {
  const model = await openLanguageModel(base, { precision, threads });
  return {
    name,
    description: `Overture: a process of its own, Node ${process.versions.node}`,
    run: (task) => timed(() => answer(model, task)),
    close: () => model.close(),
  };
}

async function answer(model: LanguageModel, task: Task): Promise<number[][]> {
  if (task.kind === 'generate') {
    const written = await model.generate(task.prompts, { maxTokens: task.tokens, endTokens: [] });
    return written.map(({ tokens }) => [...tokens]);
  }
  await using prefix = await model.share(task.prefix);
  const scored = await model.score(
    task.prompts.map((prompt) => ({ prompt, answers: task.answers.map((token) => [token]) })),
    { prefix },
  );
  return scored.map((answers) => answers.map(({ logProbability }) => logProbability));
}

async function timed(act: () => Promise<number[][]>): Promise<Done> {
  const start = performance.now();
  const result = await act();
  return { seconds: (performance.now() - start) / 1000, result };
}

/** SmolLM2 from any available source. */
export function smollm2(cacheDir: string): Promise<BaseModel> {
  return resolveBaseModel('smollm2', { cacheDir, env: process.env });
}
