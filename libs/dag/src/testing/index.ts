export {
  conformanceCases,
  conformancePipelines,
  conformanceStages,
  type ConformanceCase,
  type Decision,
} from './conformance.ts';
