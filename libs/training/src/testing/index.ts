export { killAndResume, type KillAndResumeOptions, type KilledAndResumed } from './kill-and-resume.ts';
