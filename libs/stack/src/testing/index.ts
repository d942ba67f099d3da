export { temporalProcess, type TemporalProcess } from './temporal-process.ts';
