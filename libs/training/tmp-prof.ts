import { trainingGraph } from './src/training-graph.ts';
import { packBatch } from '@overture/models';
import { float32, type Tensor } from '@overture/tensors';
import { openRuntime } from '@overture/runtime';
const config = { modelType: 'bert' as const, vocabSize: 30522, hiddenSize: 384, layers: 6, heads: 12, intermediateSize: 1536, maxPositions: 512, typeVocabSize: 2, layerNormEpsilon: 1e-12, padTokenId: 0 };
const { graph } = trainingGraph(config, 16);
const feeds: Record<string, Tensor> = { ...packBatch(Array.from({ length: 16 }, (_, i) => Array.from({ length: 256 }, (_, k) => 100 + ((k * 37 + i) % 20000))), 16, 'mean'), targets: float32([16, 2], Array.from({ length: 32 }, (_, i) => i % 2)), normaliser: float32([], [16]) };
for (const { name, kind } of graph.inputs) if (kind === 'parameter') { const shape = graph.types.get(name)!.shape as number[]; const d = new Float32Array(shape.reduce((a, b) => a * b, 1)); for (let i = 0; i < d.length; i++) d[i] = (((i * 2654435761) % 1000) / 1000 - 0.5) * 0.05 + (name.includes('Norm.weight') ? 1 : 0); feeds[name] = float32(shape, d); }
console.log('nodes', graph.nodes.length);
const prof = process.argv[2];
const s = await openRuntime({ threads: 2 }).load(graph, prof ? { profileTo: prof } : {});
for (let i = 0; i < 4; i++) { const t = performance.now(), c = process.cpuUsage(); const r = await s.run(feeds); const u = process.cpuUsage(c); console.log((performance.now() - t).toFixed(0), ((u.user + u.system) / 1000).toFixed(0), r.loss!.data[0]); }
await s.close();
