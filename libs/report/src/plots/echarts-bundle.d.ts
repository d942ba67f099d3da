/** The whole of ECharts in one file: it loads several times as fast as its 600 modules, which a command line notices. */
declare module 'echarts/dist/echarts.esm.min' {
  export { init } from 'echarts';
}
