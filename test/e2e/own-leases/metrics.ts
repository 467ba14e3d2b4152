import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { healthSocket } from '../../../local/edition/processes.ts'
import { DENIALS } from '../../../src/denial/denials.ts'
import { until } from '../../support/until.ts'
import { playing } from './the-bare-edition.ts'

function ask(name: string, path: string, method = 'GET'): Promise<{ readonly status: number; readonly text: string }> {
  const socketPath = healthSocket(playing.edition.processes, name)
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, method }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', part => {
        text += part
      })
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    asking.once('error', reject)
    asking.end()
  })
}

/** Sum of a metric over processes; `labels` as they are written. */
async function sum(names: readonly string[], metric: string, labels = ''): Promise<number> {
  const texts = await Promise.all(names.map(async name => (await ask(name, '/metrics')).text))
  const lines = texts.flatMap(text => text.split('\n')).filter(line => line.startsWith(`${metric}${labels} `))
  return lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
}

const AUTHORIZERS = ['authorizer-0', 'authorizer-1']
const decisions = (verdict: string, reason: string) =>
  sum(AUTHORIZERS, 'leasegate_decisions_total', `{verdict="${verdict}",reason="${reason}"}`)

describe('metrics', () => {
  test('count what was decided', async () => {
    const { names } = playing.edition
    await playing.lease(names.restart)
    const allowed = await decisions('allow', '')
    const denied = await decisions('deny', 'out-of-scope')
    for (let i = 0; i < 3; i++) await playing.stage.kubectl(['get', '--raw', `/api/v1/namespaces/${names.app}/pods`])
    for (let i = 0; i < 2; i++) await playing.stage.kubectl(['get', '--raw', '/api/v1/nodes'])
    expect((await decisions('allow', '')) - allowed).toBe(3)
    expect((await decisions('deny', 'out-of-scope')) - denied).toBe(2)
    expect(await sum(AUTHORIZERS, 'leasegate_check_duration_seconds_count')).toBeGreaterThanOrEqual(5)
    expect(await sum(['broker'], 'leasegate_broker_requests_total', '{action="issue",status="201"}')).toBe(1)
  })

  test('say how far the record is', async () => {
    await until('all to be on record', async () => (await sum(['tap'], 'leasegate_record_rows_total')) >= 5)
    expect(await sum(['tap'], 'leasegate_journal_entries', '{stream="refusals"}')).toBe(0)
    expect(await sum(['tap'], 'leasegate_outcomes_lost_total')).toBe(0)
  })

  test('get no label from what a client sends', async () => {
    const { names } = playing.edition
    const odd = (index: number) => [
      playing.stage.kubectl(['get', '--raw', `/apis/odd-${index}.example/v1/namespaces/${names.app}/things-${index}`]),
      playing.leasegate('agent', 'lease', 'show', `lse_odd${index}`),
    ]
    await Promise.all(Array.from({ length: 8 }, (_, index) => odd(index)).flat())
    const texts = await Promise.all([...AUTHORIZERS, 'broker'].map(async name => (await ask(name, '/metrics')).text))
    const labels = texts.flatMap(text =>
      [...text.matchAll(/(?:reason|verdict|action)="([^"]*)"/g)].map(([, value]) => value),
    )
    expect(labels).toContain('out-of-scope')
    const known = [
      ...Object.keys(DENIALS),
      'allow',
      'deny',
      'pending',
      '',
      'issue',
      'token',
      'revoke',
      'look',
      'answer',
      'whoami',
      'other',
    ]
    expect(labels.filter(label => label === undefined || !known.includes(label))).toEqual([])
    expect(texts.join('\n')).not.toMatch(/odd|things/)
  })

  test('and health are all there is to read', async () => {
    for (const name of [...AUTHORIZERS, 'broker', 'tap']) {
      for (const path of ['/readyz', '/livez', '/startupz'])
        expect(await ask(name, path)).toEqual({ status: 200, text: 'ok\n' })
      expect((await ask(name, '/')).status).toBe(404)
      expect((await ask(name, '/metrics', 'POST')).status).toBe(404)
      expect((await ask(name, '/metrics')).text).not.toMatch(/lse_|eyJ|redis:/)
    }
  })

  test('without the store no process is ready, and each is alive', async () => {
    await playing.supervisor.end('valkey')
    for (const name of [...AUTHORIZERS, 'broker', 'tap']) {
      await until(`${name} to know`, async () => (await ask(name, '/readyz')).status === 503)
      expect((await ask(name, '/livez')).status).toBe(200)
    }
    expect(await sum(AUTHORIZERS, 'leasegate_store_ready')).toBe(0)
    await playing.supervisor.startAgain('valkey')
    for (const name of [...AUTHORIZERS, 'broker', 'tap']) {
      await until(`${name} to be back`, async () => (await ask(name, '/readyz')).status === 200)
    }
  })
})
