export { templateVersion, type PlainText, type RenderedTurn } from './render-example.ts';
export { textTemplate, textTemplateSchema, type TextTemplate } from './text-template.ts';
export {
  openChatFormat,
  type ChatFormat,
  type ChatFormatFiles,
  type ChatMessage,
  type RenderChatOptions,
} from './chat-format.ts';
export { loadTokenizer, type EncodeTextOptions, type Tokenizer } from './tokenizer.ts';
export {
  encodeExample,
  exampleEncoder,
  textEncoder,
  type EncodedExample,
  type EncodeOptions,
} from './encode-example.ts';
export { shortestMaxLength } from './fit-turns.ts';
export {
  initiativeAnswers,
  initiativePrompt,
  readInitiativeAnswer,
  type InitiativePrompt,
  type InitiativePromptOptions,
} from './initiative-prompt.ts';
export {
  decodeTokenSet,
  encodeTokenSet,
  examplesOfSplit,
  idsOf,
  lengthsOf,
  type TokenSet,
} from './token-set.ts';
export { promptAnswerTokens, type PromptAnswer, type PromptAnswerOptions } from './prompt-answer-tokens.ts';
export {
  tokenizeCorpus,
  type TokenizedCorpus,
  type TokenizeOptions,
  type TokenizeProgress,
} from './tokenize-corpus.ts';
export { commonBeginning } from './common-beginning.ts';
export { planBatches, type BatchPlanOptions } from './plan-batches.ts';
export { withSplitsOf } from './with-splits-of.ts';
