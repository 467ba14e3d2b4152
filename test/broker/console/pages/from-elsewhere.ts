import { describe, expect, test } from 'vitest'
import { type Browser, field } from '../browser.ts'
import { answering, hana, id, page, stateOf, world } from './the-console.ts'

describe('requests from elsewhere', () => {
  const refused = async (sending: Parameters<Browser['once']>[1]) => {
    const answer = await hana.once(`/console/approvals/${id}`, {
      method: 'POST',
      form: answering(page, 'approved'),
      ...sending,
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.headers.location).toBeUndefined()
    expect(await stateOf(id)).toBe('pending')
  }

  test('the form answers, so that the others are refused for what they say', async () => {
    const good = await hana.once(`/console/approvals/${id}`, { method: 'POST', form: answering(page, 'approved') })
    expect(good.status).toBe(303)
  })

  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['a neighbour', { origin: 'https://other.console.test' }],
    ['no origin', { origin: undefined }],
    ['a page without one', { origin: 'null' }],
    ['another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour, as the browser says', { 'sec-fetch-site': 'same-site' }],
    ['a script’s plain text', { 'content-type': 'text/plain' }],
    ['JSON', { 'content-type': 'application/json' }],
    ['another name for this address', { host: 'rebound.example' }],
  ])('change nothing: %s', async (_, headers) => {
    await refused({ headers })
  })

  test('change nothing without the session’s form token, or with another session’s', async () => {
    const { 'form-token': _, ...without } = answering(page, 'approved')
    await refused({ form: without })
    const other = await (await world.signedIn('hana')).get('/console')
    await refused({ form: { ...without, 'form-token': field(other, 'form-token') } })
  })

  test('change nothing with a field twice', async () => {
    await refused({ raw: `${new URLSearchParams(answering(page, 'rejected'))}&verdict=approved` })
  })

  test('change nothing by GET, whatever is in the query', async () => {
    const query = new URLSearchParams(answering(page, 'approved'))
    await hana.once(`/console/approvals/${id}?${query}`, { headers: { 'user-agent': 'Slackbot-LinkExpanding 1.0' } })
    await hana.once(`/console/approvals/${id}?${query}`, { method: 'HEAD' })
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      await hana.once(`/console/approvals/${id}?${query}`, { method, form: answering(page, 'approved') })
    expect(await stateOf(id)).toBe('pending')
  })

  test('see nothing under another name', async () => {
    const seen = await hana.once('/console', { headers: { host: 'rebound.example' } })
    expect(seen).toMatchObject({ status: 404, text: expect.not.stringContaining(id) })
  })
})
