import type { Checkpoint, CheckpointStore } from '../checkpoints/checkpoint-store.ts';

/** A checkpoint store in memory that keeps a copy of the last checkpoint. */
export function memoryCheckpoints(): CheckpointStore {
  let last: Checkpoint | undefined;
  return {
    latest: async (suits = () => true) => (last !== undefined && suits(last.state) ? last : undefined),
    save: async ({ state, buffers }) => {
      last = {
        state: JSON.parse(JSON.stringify(state)) as Checkpoint['state'],
        buffers: new Map([...buffers].map(([name, buffer]) => [name, buffer.slice()])),
      };
    },
  };
}
