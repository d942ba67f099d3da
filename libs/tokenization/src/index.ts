export { renderExample, templateVersion } from './render-example.ts';
export { openChatFormat, type ChatFormat, type ChatFormatFiles, type ChatMessage, type RenderChatOptions } from './chat-format.ts';
export { loadTokenizer, type Tokenizer } from './tokenizer.ts';
export { encodeExample, exampleEncoder, shortestMaxLength, type EncodedExample, type EncodeOptions } from './encode-example.ts';
export { decodeTokenSet, encodeTokenSet, examplesOfSplit, idsOf, lengthsOf, type TokenSet } from './token-set.ts';
export { promptAnswerTokens, type PromptAnswer, type PromptAnswerOptions } from './prompt-answer-tokens.ts';
export { tokenizeCorpus, type TokenizedCorpus, type TokenizeOptions, type TokenizeProgress } from './tokenize-corpus.ts';
export { planBatches, type BatchPlanOptions } from './plan-batches.ts';
export { withSplitsOf } from './with-splits-of.ts';
