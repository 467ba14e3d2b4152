import { describe, expect, test } from 'vitest'
import { field } from '../browser.ts'
import { hana, world } from './the-console.ts'

describe('what agents write', () => {
  const HOSTILE = '<img src=x onerror=alert(1)>"\'`</title></textarea><script>alert(1)</script>&lt;b&gt;'
  const HIDDEN = 'safe\u202e txt.exe\u200b\u0007\u001b[31m'

  test('is text wherever it stands, and nothing that is not seen', async () => {
    const own = await world.pending({
      summary: `a ${HOSTILE}`,
      facts: [`! b ${HOSTILE}`, `c ${HOSTILE}`],
      target: `/d${HOSTILE}`,
      contentType: `e/${HOSTILE}`,
      bodyBytes: 5,
      bodySha256: HOSTILE,
      bodyPreview: `f ${HOSTILE}\n${HIDDEN}`,
      bodyCut: `g ${HOSTILE}`,
      risk: `h ${HOSTILE}`,
      sponsor: `i ${HOSTILE}`,
      task: `j ${HOSTILE} ${HIDDEN}`,
    })
    for (const path of [
      '/console',
      `/console/approvals/${own}`,
      `/console/leases/${world.lease.id}`,
      '/console/agents/web-operator',
    ]) {
      const { text } = await hana.get(path)
      expect(text).not.toMatch(/<img src=x|<script>|<\/textarea><|onerror=alert\(1\)>/)
      for (const hidden of '\u202e\u200b\u0007\u001b') expect(text).not.toContain(hidden)
      expect(text).toContain('&lt;img src=x')
      expect(text.match(/<script /g)).toHaveLength(1)
    }
    const shown = (await hana.get(`/console/approvals/${own}`)).text
    for (const letter of 'abcdefghij')
      expect(shown).toContain(letter === 'd' ? '/d&lt;img' : `${letter}${letter === 'e' ? '/' : ' '}&lt;img`)
  })

  test('is text in a lease, and in what people say', async () => {
    const wish = { template: 'restart-web', reason: `k ${HOSTILE}`, ticket: `l ${HOSTILE}`, namespaces: ['shop'] }
    const { id: lease } = (await world.broker.as('web-operator', 'POST', '/v1/leases', wish)).body
    const root = await world.signedIn('root')
    const before = await root.get(`/console/leases/${lease}`)
    const ended = await root.post(`/console/leases/${lease}/revoke`, {
      'form-token': field(before, 'form-token'),
      reason: `m ${HOSTILE}`,
    })
    for (const letter of 'klm') expect(ended.text).toContain(`${letter} &lt;img src=x`)
    expect(ended.text).not.toMatch(/<img src=x|<script>/)
  })

  test('says how many signs would not be seen', async () => {
    const own = await world.pending({ summary: 'get secrets "d\\u{202e}b"' })
    expect((await hana.get(`/console/approvals/${own}`)).text).toContain('1 signs in this request would not be seen')
  })
})
