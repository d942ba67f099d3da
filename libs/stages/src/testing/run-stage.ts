import type { ArtifactRef } from '@overture/contracts';
import type { StageContract } from '@overture/dag';
import { formatConversationLine, type Conversation } from '@overture/dialogue';
import { executeStage, type StageImplementation } from '@overture/execution';
import type { TestServices } from '@overture/execution/testing';
import type { z } from 'zod';
import type { StageSettings } from '../stage-context.ts';

export type Test = TestServices<StageSettings>;

/** How the labels of these tests are made. */
export const rule = { protocol: 'cikm23', tagSet: 'cikm23-5' } as const;

/** Every second opening is vague and met with a question; each conversation has a word of its own, and every twelfth is for the test. */
export const zugConversations: readonly Conversation[] = Array.from({ length: 48 }, (_, i): Conversation => ({
  id: `c${i}`, split: i % 12 === 11 ? 'test' : 'train',
  utterances: [
    { role: 'user', text: i % 2 === 0 ? `My zug${i}zug thing does not work at all, what now please` : `Error ${i} of the zug${i}zug driver came with the update of monday` },
    { role: 'system', text: i % 2 === 0 ? 'Which one is it?' : 'Install the driver again.', initiative: i % 2 === 0 },
  ],
}));

/** Conversations as an ingested corpus. */
export function storedCorpus({ services }: Test, content: readonly Conversation[]): Promise<ArtifactRef<'corpus'>> {
  return services.artifacts.put('corpus', new TextEncoder().encode(content.map((each) => `${formatConversationLine(each)}\n`).join('')));
}

/** Which of its costs a stage has recorded, with numbers that may be. */
export function costsOf(execution: { readonly metrics?: readonly { readonly scope: string; readonly name: string; readonly value: number }[] } | undefined): string[] {
  return (execution?.metrics ?? []).flatMap(({ scope, name, value }) => (scope.startsWith('cost:') && value > 0 ? [name] : [])).sort();
}

/** What a stage gives for an input. */
export async function runStage<Contract extends StageContract>(test: Test, stage: StageImplementation<Contract, StageSettings>, input: z.input<Contract['input']>): Promise<z.output<Contract['output']>> {
  // The compiler does not follow that an implementation of one contract is one of contracts.
  const { output } = await executeStage(stage as unknown as StageImplementation<StageContract, StageSettings>, test.request(input), test);
  return output as z.output<Contract['output']>;
}
