export { drawnStudy, type DrawnArm } from './drawn-study.ts';
