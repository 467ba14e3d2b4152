import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseYaml } from '../../../src/request/object/yaml.ts'

/** Undefined where it is not read. */
const parse = (text: string | Uint8Array) => {
  const parsed = parseYaml(Buffer.from(text))
  return parsed.kind === 'ok' ? parsed.value : undefined
}

describe('parseYaml', () => {
  test.each([
    {
      name: 'an object',
      text: 'metadata:\n  name: a\n  labels: {b: "c"}\n',
      want: { metadata: { name: 'a', labels: { b: 'c' } } },
    },
    { name: 'comments and line ends of Windows', text: '# x\r\nname: a # y\r\n', want: { name: 'a' } },
    { name: 'texts over several lines', text: 'a: |\n  b\n  c\nd: >-\n  e\n  f\n', want: { a: 'b\nc\n', d: 'e f' } },
    {
      name: 'what only begins like a number',
      text: 'a: 1.2.3\nb: 10.0.0.1\nc: "yes"',
      want: { a: '1.2.3', b: '10.0.0.1', c: 'yes' },
    },
    { name: 'JSON', text: '{"a":{"b":[1]}}', want: { a: { b: [1] } } },
    { name: 'YAML that looks like JSON', text: '{a: {b: [1,]}}', want: { a: { b: [1] } } },
    { name: 'a text that begins like a directive', text: 'a: "%YAML"\nb: "---"', want: { a: '%YAML', b: '---' } },
  ])('reads $name', ({ text, want }) => {
    expect(parse(text)).toEqual(want)
  })

  test('says of long JSON what it says of JSON, and of other long texts that they are YAML', () => {
    const long = `"${'x'.repeat(300_000)}"`
    const items = Array.from({ length: 20_001 }, () => '1').join()
    expect(parseYaml(Buffer.from(`{"a":${long},"b":[${items}]}`))).toMatchObject({
      why: expect.stringMatching(/^it has more than 20000/),
    })
    expect(parseYaml(Buffer.from(`{"a":${long},}`))).toMatchObject({ why: 'it is not valid JSON' })
    expect(parseYaml(Buffer.from(`a: ${long}`))).toMatchObject({ why: expect.stringMatching(/send JSON$/) })
  })

  test.each([
    { name: 'a tag', text: 'a: !!binary YQ==' },
    { name: 'a tag that changes nothing', text: 'a: !!str b' },
    { name: 'an anchor', text: 'a: &b c' },
    { name: 'an alias', text: 'a: &b c\nd: *b' },
    { name: 'a merge key', text: 'a: { <<: { b: c } }' },
    { name: 'a member named twice', text: 'a: 1\na: 2' },
    { name: 'a member named twice in JSON', text: '{"a":1,"a":2}' },
    { name: 'a name that is a list', text: '? [a]\n: b' },
    { name: 'a flag of YAML 1.1', text: 'name: yes' },
    { name: 'a number of YAML 1.1', text: 'name: 1_000' },
    { name: 'another number of YAML 1.1', text: 'name: -0x1F' },
    { name: 'two documents', text: 'a: 1\n---\nb: 2' },
    { name: 'a document that is marked', text: '---\na: 1' },
    { name: 'a directive', text: '%YAML 1.1\n---\na: 1' },
    { name: 'a line end of YAML 1.1 (NEL)', text: '# x\u0085a: 1\nb: 2' },
    { name: 'a line end of YAML 1.1 (LS)', text: 'a: "b\u2028c"' },
    { name: 'a line end of YAML 1.1 in JSON', text: '{"a":"b\u2029c"}' },
    { name: 'a lone carriage return', text: '# x\ra: 1' },
    { name: 'a byte order mark', text: '\ufeffa: 1' },
    { name: 'a zero byte', text: 'a: "\0"' },
    { name: 'brackets without end', text: '['.repeat(16_000) },
    { name: 'lists in lists on one line', text: '- '.repeat(8_000) },
    {
      name: 'objects in objects',
      text: Array.from({ length: 250 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    },
    { name: 'what is no YAML', text: 'a: b: c' },
    { name: 'a hundred million laughs', text: `a: &a [x]\nb: &b [${'*a,'.repeat(9)}]\nc: [${'*b,'.repeat(9)}]` },
  ])('does not read $name', ({ text }) => {
    expect(parse(text)).toBeUndefined()
  })

  test('reads what is large: a definition of a custom resource may have 200 KB', () => {
    const properties = Array.from({ length: 1200 }, (_, at) => [
      `            field${at}:`,
      '              description: |-',
      '                What it is for, in a few words: this',
      "                and that, as its author's tool wrote it down.",
      '              type: string',
    ]).flat()
    const text = [
      'spec:',
      '  versions:',
      '  - name: v1',
      '    schema:',
      '      openAPIV3Schema:',
      '        properties:',
    ].concat(properties)
    const value = parse(`${text.join('\n')}\n`) as {
      spec: { versions: { schema: { openAPIV3Schema: { properties: object } } }[] }
    }
    expect(Object.keys(value.spec.versions[0]?.schema.openAPIV3Schema.properties ?? {})).toHaveLength(1200)
  })

  test('does not read UTF-16, which Kubernetes does', () => {
    expect(parse(Buffer.from('\ufeffa: 1', 'utf16le'))).toBeUndefined()
  })

  test('reads what others write', () => {
    const word = fc.stringMatching(/^[a-z]{4}[a-z0-9.-]{0,20}$/)
    const object = fc.dictionary(
      word,
      fc.oneof(word, fc.boolean(), fc.nat(), fc.dictionary(word, word), fc.array(word)),
    )
    fc.assert(
      fc.property(object, value => {
        expect(parse(stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' }))).toEqual(value)
      }),
    )
  })
})
