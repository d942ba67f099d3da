import { init } from 'echarts/dist/echarts.esm.min';

/** Colors by role; the page's style sheet defines their values for light and dark mode. */
export const ink = {
  text: 'var(--text)',
  faint: 'var(--line)',
  soft: 'var(--muted)',
  first: 'var(--first)',
  second: 'var(--second)',
  third: 'var(--third)',
} as const;

/** A mark of a plot with its meaning. */
export interface LegendEntry {
  readonly name: string;
  readonly color: string;
  readonly mark: 'solid' | 'dashed' | 'dotted' | 'dot';
}

/** How lines are distinguished, with and without color. */
export interface LineStyle {
  readonly color: string;
  readonly mark: 'solid' | 'dashed' | 'dotted';
}

/** A plot to render as SVG. */
export interface Plot {
  /** Unique on the page. */
  readonly id: string;
  /** Alternative text for readers who cannot see the plot. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  /** The chart's option, as documented by ECharts. */
  readonly option: Readonly<Record<string, unknown>>;
  /** The meaning of the marks, shown below the plot. */
  readonly legend?: readonly LegendEntry[];
}

/** The plot as one SVG element without scripts. The same plot always produces the same text. */
export function svgOf({ id, description, width, height, option }: Plot): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: 'system-ui, sans-serif', color: ink.text },
      ...option,
    });
    // ECharts numbers charts and classes over the lifetime of the process. The classes are for hover styles,
    // which are unused here.
    const svg = chart
      .renderToSVGString()
      .replace(/<style\s*>[\s\S]*?<\/style>/g, '')
      .replace(/ class="zr\d+-cls-\d+"/g, '')
      .replace(/zr\d+-/g, `${id}-`);
    return svg.replace('<svg ', `<svg role="img" aria-label="${description.replace(/[&"<>]/g, '')}" `);
  } finally {
    chart.dispose();
  }
}

/** An axis over [min, max] with a centered name. */
export function axis(name: string, options: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    type: 'value',
    min: 0,
    max: 1,
    name,
    nameLocation: 'middle',
    nameGap: 30,
    nameTextStyle: { color: ink.text, fontSize: 13 },
    axisLabel: { color: ink.soft, fontSize: 12 },
    axisLine: { show: true, lineStyle: { color: ink.soft } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: ink.faint } },
    ...options,
  };
}

/** A line through [x, y] points; dashes distinguish lines without color. */
export function line(
  name: string,
  data: readonly (readonly [number, number])[],
  style: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    type: 'line',
    name,
    data,
    symbol: 'none',
    silent: true,
    legendHoverLink: false,
    emphasis: { disabled: true },
    lineStyle: { width: 2, ...style },
    itemStyle: { color: style['color'] },
  };
}
