export {
  interruptOnce,
  interruptTwice,
  killGuardian,
  longTraining,
  wrongFlag,
  type LifecyclePlace,
  type LifecycleRound,
} from './lifecycle.ts';
