import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { run } from '../../../local/process/run.ts'
import { NOT_TRIED } from '../../../local/testing/count-results.ts'
import { type Alarm, alarms } from './an-alarm.ts'
import { TROUBLES, WELL } from './troubles.ts'

/** Prometheus' own, of Debian's package `prometheus`. */
const PROMTOOL = 'promtool'
const isThere = spawnSync(PROMTOOL, ['--version']).status === 0

/** Longer than any alarm waits. */
const LOOKED_AT = '100m'

let directory: string
let rendered: readonly Alarm[]

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-rules-'))
  rendered = await alarms()
  await writeFile(join(directory, 'rules.yaml'), stringify({ groups: [{ name: 'all', rules: rendered }] }))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** What promtool says against it: these and no other alarms fire while the series are so. */
async function against(series: Readonly<Record<string, string>>, firing: readonly string[]): Promise<string> {
  const file = join(directory, 'test.yaml')
  const promql = {
    expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
    eval_time: LOOKED_AT,
    exp_samples: firing.map(alert => ({ labels: `{alertname="${alert}"}`, value: 1 })),
  }
  const input = Object.entries(series).map(([name, values]) => ({ series: name, values }))
  const tests = [{ interval: '1m', input_series: input, promql_expr_test: [promql] }]
  await writeFile(file, stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }))
  const { code, stdout, stderr } = await run(PROMTOOL, ['test', 'rules', file])
  return code === 0 ? '' : stdout + stderr
}

if (isThere) {
  describe("alarms, by Prometheus' own engine", () => {
    test('are rules that it takes', async () => {
      expect(await run(PROMTOOL, ['check', 'rules', join(directory, 'rules.yaml')])).toMatchObject({ code: 0 })
    })

    test('are silent while all is well', async () => {
      expect(await against(WELL, [])).toBe('')
    })

    test.each(Object.entries(TROUBLES))('%s fires, and no other', async (alert, { changes, also = [] }) => {
      const series = Object.entries({ ...WELL, ...changes }).filter(
        (entry): entry is [string, string] => entry[1] !== null,
      )
      expect(await against(Object.fromEntries(series), [alert, ...also])).toBe('')
    })

    test('are all tried', () => {
      expect(rendered.map(({ alert }) => alert).sort()).toEqual(Object.keys(TROUBLES).sort())
    })
  })
} else {
  describe("alarms, by Prometheus' own engine", () => test.skip(`${NOT_TRIED}${PROMTOOL}`, () => undefined))
}
