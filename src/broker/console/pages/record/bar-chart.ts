import { html } from 'hono/html'
import type { Html } from '../../words/text.ts'

export interface BarChart {
  /** What is drawn, for whoever does not see it: the numbers are in a table beside it. */
  readonly label: string
  /** What the columns are: `Hour`. */
  readonly columns: string
  readonly series: readonly Series[]
  readonly bars: readonly Bar[]
  /** Of the highest bar, so that several charts can be compared. */
  readonly highest: number
  /** Labels stand under each so many bars. */
  readonly labelEvery: number
}

export interface Series {
  readonly name: string
  /** By which record.css draws it. */
  readonly kind: 'allowed' | 'asked' | 'denied'
}

export interface Bar {
  readonly label: Html
  /** In the order of the series, from the ground up. */
  readonly values: readonly number[]
}

const HEIGHT = 100
const STEP = 10
const WIDTH = 8
/** So that one among thousands is seen. */
const LEAST = 2

/** Stacked bars as SVG, the labels under them as text, and the same numbers as a table. */
export function barChart(chart: BarChart): Html {
  const { label, series, bars, highest, labelEvery } = chart
  return html`<figure class="chart">
    <svg viewBox="0 0 ${bars.length * STEP} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${bars.map((bar, index) => stack(chart, bar, index))}</svg>
    <div class="axis${labelEvery === 1 ? ' each' : ''}" aria-hidden="true">${bars.map((bar, index) => html`<span>${index % labelEvery === 0 ? bar.label : ''}</span>`)}</div>
    <figcaption>${series.map(({ name, kind }) => html`<span class="key ${kind}">${name}</span>`)}<small>as high as the frame: ${highest}</small></figcaption>
    ${table(chart)}
  </figure>`
}

function stack({ series, highest }: BarChart, { values }: Bar, index: number): Html {
  let top = HEIGHT
  const parts = series.map(({ kind }, at) => {
    const value = values[at] ?? 0
    if (value === 0) return ''
    const height = Math.max(LEAST, (value / Math.max(1, highest)) * HEIGHT)
    top -= height
    return html`<rect class="${kind}" x="${index * STEP + (STEP - WIDTH) / 2}" y="${top.toFixed(2)}" width="${WIDTH}" height="${height.toFixed(2)}"></rect>`
  })
  return html`${parts}`
}

function table({ label, columns, series, bars }: BarChart): Html {
  const said = bars.filter(({ values }) => values.some(value => value > 0))
  return html`<details><summary>As numbers</summary>
    <table><caption class="unseen">${label}</caption>
      <thead><tr><th scope="col">${columns}</th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${said.map(({ label: row, values }) => html`<tr><th scope="row">${row}</th>${values.map(value => html`<td>${value}</td>`)}</tr>`)}</tbody>
    </table></details>`
}
