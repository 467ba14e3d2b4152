import { beforeAll, describe, expect, test } from 'vitest'
import { type Alarm, alarms, readExpression, runbooks } from './an-alarm.ts'
import { anExposition, type Exposition } from './an-exposition.ts'

/** What Prometheus itself says of whoever it scrapes. */
const OF_PROMETHEUS = ['up']
/** What it adds to each series. */
const OF_TARGET = ['namespace', 'job', 'pod']
/** What a client sends is in none of these. */
const BOUNDED = [
  ...[...OF_TARGET, 'le', 'stream', 'verdict', 'reason', 'action', 'status'],
  ...['envoy_cluster_name', 'envoy_http_conn_manager_prefix'],
]

const rendered = await alarms()
let exposition: Exposition

beforeAll(async () => {
  exposition = await anExposition()
})

describe.each(rendered)('$alert', ({ alert, expr, labels, annotations }: Alarm) => {
  const { mistakes, selectors, labels: matched } = readExpression(expr)

  test('is PromQL of this release alone, by labels that are few', () => {
    expect(mistakes).toEqual([])
    expect(expr).not.toContain('$')
    expect(matched.filter(label => !BOUNDED.includes(label))).toEqual([])
    const ours = expr.match(/namespace="leasegate-system",job="lg-leasegate-(envoy|authorizer|broker|tap)"/g)
    expect(ours).toHaveLength(selectors.length)
  })

  test('asks for series that are there', () => {
    expect(selectors.length).toBeGreaterThan(0)
    const asked = selectors.filter(({ metric }) => !OF_PROMETHEUS.includes(metric))
    const empty = asked.filter(({ metric, matchers }) => {
      const own = matchers.filter(({ label }) => !OF_TARGET.includes(label))
      return !exposition.get(metric)?.some(labels => own.every(({ label, fits }) => fits(labels[label])))
    })
    expect(empty.map(({ metric }) => metric)).toEqual([])
  })

  test('says how bad it is, what it means and where its runbook is', () => {
    expect(labels['severity']).toMatch(/^(critical|warning)$/)
    expect(annotations['summary']?.length).toBeLessThan(80)
    expect(annotations['description']).toMatch(/\.$/)
    expect(annotations['runbook_url']).toBe(
      `https://github.com/leasegate/leasegate/blob/main/helm/runbooks.md#${alert.toLowerCase()}`,
    )
  })
})

describe('alarms', () => {
  test('have different names', () => {
    const names = rendered.map(({ alert }) => alert)
    expect(new Set(names).size).toBe(names.length)
  })

  test('ask for the marks that the release has', () => {
    const marks = rendered.filter(({ expr }) => expr.includes('leasegate_journal_entries')).map(({ expr }) => expr)
    expect(marks.map(expr => Number(/>= (\d+)$/.exec(expr)?.[1]))).toEqual([500_000, 550_000])
  })

  test('can be left out, labelled and explained elsewhere', async () => {
    const changed = await alarms({
      disabled: ['LeasegateApprovalsWaitLong'],
      alertLabels: { team: 'platform', severity: 'page' },
      runbookUrl: 'https://wiki.corp.example/',
    })
    expect(changed.map(({ alert }) => alert)).toEqual(
      rendered.map(({ alert }) => alert).filter(alert => alert !== 'LeasegateApprovalsWaitLong'),
    )
    expect(changed[0]).toMatchObject({
      labels: { team: 'platform', severity: 'page' },
      annotations: { runbook_url: 'https://wiki.corp.example/leasegateboundarydown' },
    })
  })

  test('that do not exist cannot be left out: a name is mistyped', async () => {
    await expect(alarms({ disabled: ['LeasegateAproval'] })).rejects.toThrow(/LeasegateAproval, which is no alarm/)
  })
})

describe('runbooks', () => {
  test('have one section for each alarm, and no other', async () => {
    expect([...(await runbooks()).keys()]).toEqual(rendered.map(({ alert }) => alert))
  })

  test('say what users see, how to look and how to mend', async () => {
    const short = [...(await runbooks())].filter(
      ([, text]) => !/\*\*Users see\*\* [\s\S]+```sh\n[^`]+```\n[\s\S]*\*\*Mend\*\*: /.test(text),
    )
    expect(short.map(([name]) => name)).toEqual([])
  })
})
