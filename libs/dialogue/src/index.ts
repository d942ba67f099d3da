export { dialogueTags, dialogueTagTitles, isDialogueTag, type DialogueTag } from './dialogue-tag.ts';
export {
  splitNames,
  type Conversation,
  type Role,
  type SourcePosition,
  type SplitName,
  type Utterance,
} from './conversation.ts';
export {
  defaultTagSet,
  resolveTagSet,
  tagSets,
  type TagSet,
  type TagSetInput,
  type TagSetName,
} from './tag-set.ts';
export {
  defaultProtocol,
  parseProtocol,
  protocols,
  turnsOf,
  type Protocol,
  type ProtocolDefinition,
  type Turn,
} from './protocol.ts';
export {
  examplesOf,
  nextSystemTurn,
  systemTurnsOf,
  takesInitiative,
  type Example,
  type ExampleInput,
  type LabelRule,
} from './example.ts';
export { corpusFormats, parseFormatName, type CorpusFormatName } from './formats/corpus-formats.ts';
export { formatConversationLine, parseConversationLine } from './formats/conversation-lines.ts';
export type { CorpusFormat, ReadContext } from './formats/corpus-format.ts';
export {
  corpusError,
  corpusErrors,
  ProblemLog,
  type CorpusErrorCode,
  type CorpusFault,
} from './reading/problem-log.ts';
export { readBytes } from './reading/read-bytes.ts';
export { decodeLine, readLines, type Line } from './reading/read-lines.ts';
export { defaultReadLimits, type ReadLimits } from './reading/read-limits.ts';
export { openCorpus, type Corpus, type CorpusFile, type OpenCorpusOptions } from './open-corpus.ts';
export { fingerprintsOf, type Fingerprints } from './fingerprint.ts';
export { planFolds, splitInFold, type FoldMember, type FoldOptions, type FoldPlace } from './fold-plan.ts';
export {
  defaultFractions,
  planSplits,
  withSplits,
  type SplitFractions,
  type SplitOptions,
  type SplitPlan,
} from './split-plan.ts';
export { CorpusInspection, inspectCorpus, type InspectOptions } from './inspection/corpus-inspection.ts';
export { assertTrainable } from './inspection/assert-trainable.ts';
export type {
  CorpusProblem,
  CorpusProblemKind,
  CorpusSummary,
  ExampleCount,
  SplitSummary,
  TurnSummary,
} from './inspection/corpus-summary.ts';
export type { LengthSummary } from './inspection/length-tally.ts';
export { assumedMaxLength } from './inspection/token-estimate.ts';
export {
  corpusCatalogue,
  type CatalogueCorpus,
  type CatalogueFile,
  type CatalogueName,
} from './pull/corpus-catalogue.ts';
export { pullCorpus, type PulledCorpus, type PulledFile, type PullOptions } from './pull/pull-corpus.ts';
export { locateCorpus, type CorpusPlaces, type LocatedCorpus } from './locate-corpus.ts';
export { convertExport, type ConvertOptions, type ConvertSummary } from './convert/convert-export.ts';
export { exportConverters, parseExportName, type ExportName } from './convert/export-converters.ts';
export { parseFieldMap, type FieldMap } from './convert/field-map.ts';
export { isWeak, labelSourcesOf, personSource } from './labeling/label-source.ts';
export { weakLabelsText } from './labeling/weak-labels-text.ts';
export { labeledLine, labelableTurns, type LabelableTurn } from './labeling/label-line.ts';
export {
  ruleSource,
  labeledByRule,
  labelingRules,
  parseRuleName,
  type LabelingRuleName,
} from './labeling/labeling-rules.ts';
export { wordCount } from './word-count.ts';
