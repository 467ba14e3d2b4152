import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { playing, token } from './the-guarded-edition.ts'

describe('the record', () => {
  test('has every request that the API server saw under a lease, as allowed', async () => {
    const seen = (await playing.stage.audit()).filter(event => event.lease !== '')
    expect(seen.length).toBeGreaterThan(20)
    const missing = async () => {
      const rows = await playing.sql<{ audit_id: string }>("SELECT audit_id FROM requests WHERE decision = 'allow'")
      const known = new Set(rows.map(({ audit_id }) => audit_id))
      return seen.filter(({ auditId }) => !known.has(auditId))
    }
    await until('every one of them', async () => (await missing()).length === 0)
  })

  test('has the denied attempts, and those without any lease', async () => {
    const reasons = await playing.sql<{ reason: string }>('SELECT DISTINCT reason FROM requests')
    const wanted = [
      'odd-path',
      'forbidden-header',
      'unexpected-body',
      'approval-pending',
      'not-in-policy',
      'bad-token',
      'lease-revoked',
    ]
    expect(reasons.map(({ reason }) => reason)).toEqual(expect.arrayContaining(wanted))
  })

  test('and no log holds a token, a Secret value or a password from a command', async () => {
    const { app, deployment, inspect } = playing.edition.names
    await playing.lease(inspect)
    const canary = 'pw-4f1a9c77e2d84b55'
    await playing.stage.kubectl(['exec', `deployment/${deployment}`, '-n', app, '--', 'echo', `--password=${canary}`])
    const identity = await playing.stage.identityToken()
    const secrets = [canary, token, identity, 'not-a-real-one', Buffer.from('not-a-real-one').toString('base64')]
    await until('the command to be on record', async () => {
      const rows = await playing.sql<{ n: string }>("SELECT count() AS n FROM requests WHERE has(command, 'echo')")
      return Number(rows[0]?.n) > 0
    })
    const tables = ['request_halves', 'lease_events', 'approval_events', 'refusal_summaries']
    const texts = await Promise.all([
      ...tables.map(async table => JSON.stringify(await playing.sql(`SELECT * FROM ${table}`))),
      ...['authorizer-0', 'authorizer-1', 'broker', 'tap', 'envoy', 'valkey'].map(name =>
        readFile(join(playing.edition.directory, `${name}.log`), 'utf8'),
      ),
      readFile(join(playing.edition.directory, 'appendonlydir', 'appendonly.aof.1.incr.aof'), 'latin1'),
    ])
    for (const secret of secrets) expect(texts.some(text => text.includes(secret))).toBe(false)
  })
})
