import type { ArtifactRef } from '@overture/protocol';
import type { StageContract } from '@overture/dag';
import { formatConversationLine, type Conversation } from '@overture/dialogue';
import { executeStage, type StageImplementation } from '@overture/execution';
import type { TestServices } from '@overture/execution/testing';
import type { z } from 'zod';
import type { ModelRegistry, StageSettings } from '../stage-context.ts';

/** Test services with the product's settings. */
export type Test = TestServices<StageSettings>;

/** The label rule of these tests. */
export const rule = { protocol: 'cikm23', tagSet: 'cikm23-5' } as const;

/**
 * Every second opening is vague and answered with a question. Each conversation contains a unique word, and
 * every twelfth is in the test split.
 */
export const zugConversations: readonly Conversation[] = Array.from({ length: 48 }, (_, i): Conversation => ({
  id: `c${i}`,
  split: i % 12 === 11 ? 'test' : 'train',
  utterances: [
    {
      role: 'user',
      text:
        i % 2 === 0
          ? `My zug${i}zug thing does not work at all, what now please`
          : `Error ${i} of the zug${i}zug driver came with the update of monday`,
    },
    {
      role: 'system',
      text: i % 2 === 0 ? 'Which one is it?' : 'Install the driver again.',
      initiative: i % 2 === 0,
    },
  ],
}));

/** Stores conversations as an ingested corpus. */
export function storedCorpus(
  { services }: Test,
  content: readonly Conversation[],
): Promise<ArtifactRef<'corpus'>> {
  return services.artifacts.put(
    'corpus',
    new TextEncoder().encode(content.map((each) => `${formatConversationLine(each)}\n`).join('')),
  );
}

/** Names of the costs that a stage has recorded with a positive value. */
export function costsOf(
  execution:
    | {
        readonly metrics?: readonly {
          readonly scope: string;
          readonly name: string;
          readonly value: number;
        }[];
      }
    | undefined,
): string[] {
  return (execution?.metrics ?? [])
    .flatMap(({ scope, name, value }) => (scope.startsWith('cost:') && value > 0 ? [name] : []))
    .sort();
}

/** Runs a stage and returns its output. */
export async function runStage<Contract extends StageContract>(
  test: Test,
  stage: StageImplementation<Contract, StageSettings, ModelRegistry>,
  input: z.input<Contract['input']>,
): Promise<z.output<Contract['output']>> {
  // TypeScript cannot infer that an implementation of one contract is an implementation of a contract.
  // A node of a run succeeds once, so each call is a node of its own.
  const node = `${stage.contract.name}-${test.services.registry.executions.length}`;
  const { output } = await executeStage(
    stage as unknown as StageImplementation<StageContract, StageSettings, ModelRegistry>,
    test.request(input, node),
    test,
  );
  return output as z.output<Contract['output']>;
}
