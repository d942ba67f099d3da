export { opTable } from '../table.ts';
export { forwardGraph, gradientGraph, type CaseGraph } from './case-graph.ts';
