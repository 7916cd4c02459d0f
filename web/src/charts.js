// <div data-chart="line|bar|pie|heat" data-src="/x.json"> or data-values='{...}': {labels: [...], series: [{name, values}], unit?}.
// Heat: {columns, rows, values: [[x, y, value]]}. Colours follow the theme; every chart has a table or a sentence beside it in the page.
import { BarChart, HeatmapChart, LineChart, PieChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

echarts.use([LineChart, BarChart, PieChart, HeatmapChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

// A canvas cannot read oklch() tokens everywhere: the browser converts each once.
const dot = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
function colour(name, alpha = 1) {
  dot.clearRect(0, 0, 1, 1);
  dot.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
  dot.fillRect(0, 0, 1, 1);
  const [r, g, b] = dot.getImageData(0, 0, 1, 1).data;
  return `rgba(${r},${g},${b},${alpha})`;
}
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const fade = (c) => new echarts.graphic.LinearGradient(0, 0, 0, 1, [{ offset: 0, color: c.replace(/,1\)$/, ',0.26)') }, { offset: 1, color: c.replace(/,1\)$/, ',0)') }]);

function base(palette, unit) {
  const ink = colour('--color-base-content', 0.72), rule = colour('--color-base-content', 0.08);
  const label = { color: ink, fontSize: 11 };
  return {
    color: palette, animationDuration: 400, aria: { enabled: true }, textStyle: { fontFamily: 'Inter Variable, sans-serif', color: ink },
    grid: { left: 4, right: 12, top: 38, bottom: 4, containLabel: true },
    // Drawn on the canvas: an HTML tooltip would need inline styles, which our content policy refuses.
    tooltip: { trigger: 'axis', renderMode: 'richText', backgroundColor: colour('--color-base-100'), borderColor: rule, borderRadius: 10, padding: [10, 14], textStyle: { color: colour('--color-base-content'), fontSize: 12 }, valueFormatter: (v) => `${short.format(v)}${unit}` },
    legend: { top: 0, right: 0, icon: 'circle', itemWidth: 8, itemHeight: 8, itemGap: 16, textStyle: label },
    xAxis: { type: 'category', axisLine: { lineStyle: { color: rule } }, axisTick: { show: false }, axisLabel: { ...label, hideOverlap: true } },
    yAxis: { type: 'value', splitLine: { lineStyle: { color: rule } }, axisLabel: { ...label, formatter: (v) => short.format(v) } },
  };
}

const draw = {
  line: (o, d, palette) => ({ ...o, xAxis: { ...o.xAxis, data: d.labels, boundaryGap: false }, series: d.series.map((s, i) => ({ name: s.name, type: 'line', smooth: 0.3, showSymbol: false, data: s.values, lineStyle: { width: 2.25 }, areaStyle: { color: fade(palette[i % palette.length]) } })) }),
  bar: (o, d) => ({ ...o, xAxis: { ...o.xAxis, data: d.labels }, series: d.series.map((s, i, all) => ({ name: s.name, type: 'bar', stack: d.stacked === false ? undefined : 'all', data: s.values, barMaxWidth: 26, itemStyle: { borderRadius: i === all.length - 1 ? [5, 5, 0, 0] : 0 } })) }),
  pie: (o, d) => ({ ...o, xAxis: undefined, yAxis: undefined, tooltip: { ...o.tooltip, trigger: 'item' }, legend: { ...o.legend, orient: 'vertical', top: 'middle' }, series: [{ type: 'pie', radius: ['60%', '84%'], center: ['36%', '50%'], label: { show: false }, itemStyle: { borderColor: colour('--color-base-100'), borderWidth: 3, borderRadius: 7 }, data: d.labels.map((name, i) => ({ name, value: d.series[0].values[i] })) }] }),
  heat: (o, d) => ({ ...o, legend: undefined, grid: { ...o.grid, top: 4 }, tooltip: { ...o.tooltip, trigger: 'item' }, xAxis: { ...o.xAxis, data: d.columns }, yAxis: { ...o.xAxis, inverse: true, data: d.rows, axisLine: { show: false } }, visualMap: { show: false, min: 0, max: Math.max(1, ...d.values.map((v) => v[2])), inRange: { color: [colour('--color-base-content', 0.05), colour('--chart-1', 0.5), colour('--chart-1')] } }, series: [{ type: 'heatmap', data: d.values, itemStyle: { borderColor: colour('--color-base-100'), borderWidth: 3, borderRadius: 5 } }] }),
};

function paint({ el, chart, data }) {
  const palette = [1, 2, 3, 4, 5, 6].map((n) => colour(`--chart-${n}`));
  chart.setOption(draw[el.dataset.chart](base(palette, data.unit ?? ''), data, palette), true);
}
const known = new Map();
async function start(el) {
  if (known.has(el)) return;
  known.set(el, null);
  try {
    const data = el.dataset.values ? JSON.parse(el.dataset.values) : await (await fetch(el.dataset.src, { headers: { accept: 'application/json' } })).json();
    const one = { el, data, chart: echarts.init(el) };
    known.set(el, one);
    paint(one);
    new ResizeObserver(() => one.chart.resize()).observe(el);
  } catch { el.textContent = 'This chart could not be drawn. Reload the page.'; }
}
const all = () => document.querySelectorAll('[data-chart]').forEach(start);
all();
document.addEventListener('htmx:after:swap', all);
addEventListener('theme', () => { for (const one of known.values()) if (one) paint(one); });
