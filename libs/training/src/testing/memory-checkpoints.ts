import type { Checkpoint, CheckpointStore } from '../checkpoints/checkpoint-store.ts';

/** Keeps the last checkpoint in memory, as copies. */
export function memoryCheckpoints(): CheckpointStore {
  let last: Checkpoint | undefined;
  return {
    latest: async (suits = () => true) => (last !== undefined && suits(last.state) ? last : undefined),
    save: async ({ state, buffers }) => {
      last = { state: JSON.parse(JSON.stringify(state)) as Checkpoint['state'], buffers: new Map([...buffers].map(([name, buffer]) => [name, buffer.slice()])) };
    },
  };
}
