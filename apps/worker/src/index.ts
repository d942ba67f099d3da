export { stagesAtOnce } from './stages-at-once.ts';
