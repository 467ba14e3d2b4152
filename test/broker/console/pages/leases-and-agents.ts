import { describe, expect, test } from 'vitest'
import { RedisHoldStore } from '../../../../src/lease/hold/redis-hold-store.ts'
import { field, type Page } from '../browser.ts'
import { hana, world } from './the-console.ts'

describe('leases and agents', () => {
  test('a lease says what it grants and what was used of it; an admin ends it', async () => {
    const wish = { template: 'restart-web', reason: 'web is slow', namespaces: ['shop-dev'], ttl: '1h' }
    const { id: lease } = (await world.broker.as('web-operator', 'POST', '/v1/leases', wish)).body
    expect((await hana.get('/console/leases')).text).toContain(lease)
    const seen = await hana.get(`/console/leases/${lease}`)
    expect(seen.text).toMatch(/<strong>get<\/strong>.*pods.*in.*shop-dev/s)
    expect(seen.text).toContain('0 of 10')
    expect(seen.text).toContain(`leasegate query lease-timeline --lease ${lease}`)
    expect(seen.text).not.toContain('Revoke this lease')
    const form = (from: Page) => ({ 'form-token': field(from, 'form-token'), reason: 'wrong cluster' })
    expect((await hana.post(`/console/leases/${lease}/revoke`, form(seen))).status).toBe(403)
    const root = await world.signedIn('root')
    const ended = await root.post(`/console/leases/${lease}/revoke`, form(await root.get(`/console/leases/${lease}`)))
    expect(ended.text).toMatch(/Ended by.*root.*wrong cluster/s)
    const { state } = (await world.broker.as('web-operator', 'GET', `/v1/leases/${lease}`)).body
    expect(state).toMatchObject({ kind: 'revoked', by: 'root' })
  })

  test('who stops freezes a lease and says why, an admin thaws it, and an approver does neither', async () => {
    const wish = { template: 'restart-web', reason: 'web is slow', namespaces: ['shop-dev'], ttl: '1h' }
    const { id: lease } = (await world.broker.as('web-operator', 'POST', '/v1/leases', wish)).body
    const path = `/console/leases/${lease}`
    const state = async () => (await world.broker.as('web-operator', 'GET', `/v1/leases/${lease}`)).body.state
    const form = (from: Page, reason = 'a look first') => ({ 'form-token': field(from, 'form-token'), reason })
    const [oncall, root] = [await world.signedIn('oncall'), await world.signedIn('root')]
    const seen = await hana.get(path)
    expect(seen.text).not.toMatch(/Freeze this lease|Thaw this lease/)
    expect((await hana.post(`${path}/freeze`, form(seen))).status).toBe(403)
    const open = await oncall.get(path)
    expect(open.text).toContain('Freeze this lease')
    expect((await oncall.post(`${path}/freeze`, form(open, ''))).status).toBe(400)
    expect((await oncall.post(`${path}/freeze`, { ...form(open), 'form-token': 'another' })).status).toBe(403)
    expect(await state()).toMatchObject({ kind: 'active' })

    const frozen = await oncall.post(`${path}/freeze`, form(open))
    expect(frozen.text).toMatch(/Frozen by.*oncall.*a look first/s)
    expect(frozen.text).not.toMatch(/Freeze this lease|Thaw this lease/)
    expect(await state()).toMatchObject({ kind: 'frozen', by: 'oncall', reason: 'a look first' })
    expect((await oncall.post(`${path}/thaw`, form(await oncall.get('/console')))).status).toBe(403)
    const thawed = await root.post(`${path}/thaw`, form(await root.get(path), 'looked'))
    expect(thawed.text).toMatch(/Live, /)
    expect(await state()).toMatchObject({ kind: 'active' })
    expect((await world.broker.as('web-operator', 'DELETE', `/v1/leases/${lease}`)).status).toBe(200)
  })

  test('an admin holds an agent and releases it; nobody else does', async () => {
    const root = await world.signedIn('root')
    const form = (from: Page) => ({ 'form-token': field(from, 'form-token'), reason: 'misbehaves' })
    const seen = await hana.get('/console/agents/triage')
    expect((await hana.post('/console/agents/triage/hold', { ...form(seen), for: '1h' })).status).toBe(403)
    const held = await root.post('/console/agents/triage/hold', {
      ...form(await root.get('/console/agents/triage')),
      for: '1h',
    })
    expect(held.text).toMatch(/is held.*by.*root.*misbehaves/s)
    expect((await root.get('/console')).text).toContain('misbehaves')
    expect(await new RedisHoldStore(world.broker.link).list(Date.now())).toMatchObject([
      { agent: 'triage', by: 'root' },
    ])
    await root.post('/console/agents/triage/release', form(held))
    expect(await new RedisHoldStore(world.broker.link).list(Date.now())).toEqual([])
  })
})
