// The charts: uPlot with the data of the day's columns. The style sheet sets their colours.
import uPlot from "./vendor/uplot-1.6.32/uPlot.esm.js";

const HEIGHT = 180;
const MOST_POINTS = 3000;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

class Chart {
  constructor(figure, zone, language) {
    this.figure = figure;
    this.names = figure.dataset.series.split("|");
    this.labels = figure.dataset.labels.split("|");
    this.colours = figure.dataset.colours.split("|");
    this.zone = zone;
    this.number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    this.plot = null;
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(figure);
  }

  size() {
    const style = getComputedStyle(this.figure);
    const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    return { width: Math.max(120, this.figure.clientWidth - padding), height: HEIGHT };
  }

  draw(columns) {
    const data = [columns.at, ...this.names.map((name) => columns[name] ?? columns.at.map(() => null))];
    if (this.plot) this.plot.setData(data);
    else if (this.figure.clientWidth > 0) this.plot = new uPlot(this.options(), data, this.figure);
    // If no pointer selects another moment, the legend shows the latest one.
    if (this.plot && !(this.plot.cursor.left >= 0)) this.plot.setLegend({ idx: columns.at.length - 1 });
  }

  options() {
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
    const shown = (_, value) => (value === null || value === undefined ? "–" : this.number.format(value));
    return {
      ...this.size(),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), this.zone),
      cursor: { sync: { key: "day" }, y: false, points: { size: 7 } },
      legend: { live: true },
      scales: { y: { range: (_, low, high) => [0, Math.max(1, (high ?? 0) * 1.1)] } },
      axes: [
        { ...axis, space: 70, values: [[1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1]] },
        { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => this.number.format(tick)) },
      ],
      series: [
        { label: "", value: "{HH}:{mm}:{ss}" },
        ...this.names.map((name, index) => ({
          label: this.labels[index],
          value: shown,
          stroke: colour(this.colours[index]),
          fill: this.names.length === 1 ? colour("--series-1-soft") : undefined,
          width: 2,
          dash: index === 2 ? [6, 3] : undefined, // can be distinguished without colour
          points: { show: false },
          spanGaps: true,
        })),
      ],
    };
  }

  forget() {
    this.plot?.destroy();
    this.plot = null;
  }
}

export class Charts {
  constructor(section) {
    this.section = section;
    this.columns = { at: [] };
    this.charts = [...section.querySelectorAll("[data-chart]")].map((figure) => new Chart(figure, section.dataset.zone, document.documentElement.lang));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.charts.forEach((chart) => chart.forget());
      this.draw();
    });
  }

  get empty() {
    return this.columns.at.length === 0;
  }

  replace(columns) {
    this.columns = columns;
    this.section.hidden = this.empty && this.section.hidden;
    this.draw();
  }

  add(at, point) {
    const last = this.columns.at.at(-1);
    if (last !== undefined && at <= last) return; // the history already has it
    for (const name of Object.keys(point)) this.columns[name] ??= this.columns.at.map(() => null);
    this.columns.at.push(at);
    for (const name of Object.keys(this.columns)) if (name !== "at") this.columns[name].push(point[name] ?? null);
    if (this.columns.at.length > MOST_POINTS) for (const column of Object.values(this.columns)) column.shift();
    this.draw();
  }

  draw() {
    if (!this.empty) this.charts.forEach((chart) => chart.draw(this.columns));
  }
}
