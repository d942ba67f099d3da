/**
 * ECharts in a single file, which loads several times as fast as its 600 modules. The command line would be
 * noticeably slower otherwise.
 */
declare module 'echarts/dist/echarts.esm.min' {
  export { init } from 'echarts';
}
