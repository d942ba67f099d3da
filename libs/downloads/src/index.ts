export { download, type DownloadedFile, type DownloadOptions, type DownloadProgress } from './download.ts';
export {
  fetchWheelMember,
  fetchWheelMembers,
  type FetchWheelOptions,
  type Wheel,
  type WheelMember,
} from './fetch-wheel-members.ts';
export {
  firstReachable,
  type FirstReachableOptions,
  type Reached,
  type Source,
  type SourceFailure,
} from './first-reachable.ts';
export { installFile } from './install-file.ts';
export { plainFetch, proxyFetch, type Fetch, type FetchResponse } from './proxy-fetch.ts';
export { sha256File } from './sha256-file.ts';
