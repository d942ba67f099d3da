export { interruptOnce, interruptTwice, killGuardian, longTraining, type LifecyclePlace, type LifecycleRound } from './lifecycle.ts';
