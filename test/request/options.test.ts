import { describe, expect, test } from 'vitest'
import { read } from './a-http-request.ts'
import { bytesField, envelope, flagField } from './object/a-protobuf.ts'

const POD = '/api/v1/namespaces/x/pods/p'
const sent = (type: string, body: string | Buffer) => ({
  headers: [['content-type', type]] as const,
  body: Buffer.from(body as string),
})
const JSON_OPTIONS = '{"kind":"DeleteOptions","dryRun":["All"],"propagationPolicy":"Foreground","gracePeriodSeconds":0}'
const PROTOBUF_OPTIONS = envelope(Buffer.concat([flagField(1, 0), bytesField(4, 'Foreground'), bytesField(5, 'All')]))

describe('options of a request', () => {
  test.each([
    { name: 'the query', request: `PATCH ${POD}?dryRun=All&force=true&fieldManager=kubectl`, given: {} },
    { name: 'escapes in it', request: `PATCH ${POD}?dryRun=%41ll&force=1&fieldManager=kubec%74l`, given: {} },
  ])('come from $name', ({ request, given }) => {
    expect(read(request, given).options).toEqual({
      dryRun: true,
      propagationPolicy: '',
      force: true,
      gracePeriodSeconds: null,
      fieldManager: 'kubectl',
    })
  })

  test.each([
    { name: 'JSON', given: sent('application/json', JSON_OPTIONS) },
    {
      name: 'YAML',
      given: sent('application/yaml', 'dryRun: [All]\npropagationPolicy: Foreground\ngracePeriodSeconds: 0\n'),
    },
    { name: 'protobuf', given: sent('application/vnd.kubernetes.protobuf', PROTOBUF_OPTIONS) },
    { name: 'a body without a type', given: { body: Buffer.from(JSON_OPTIONS) } },
  ])('of a delete come from its body: $name', ({ given }) => {
    const want = {
      dryRun: true,
      propagationPolicy: 'Foreground',
      force: false,
      gracePeriodSeconds: 0,
      fieldManager: '',
    }
    expect(read(`DELETE ${POD}`, given).options).toEqual(want)
    expect(read('DELETE /api/v1/namespaces/x/pods', given).options).toEqual(want)
  })

  test.each([
    { name: 'a delete that is real', request: `DELETE ${POD}`, given: {} },
    { name: 'another value', request: `DELETE ${POD}?dryRun=all`, given: {} },
    {
      name: 'a body that cannot be read',
      request: `DELETE ${POD}`,
      given: sent('application/json', '{"dryRun":["All"]'),
    },
    {
      name: 'a create whose object has such a field',
      request: 'POST /api/v1/namespaces/x/pods',
      given: sent('application/json', JSON_OPTIONS),
    },
    {
      name: 'options without end',
      request: `DELETE ${POD}`,
      given: sent('application/json', `${JSON_OPTIONS}${' '.repeat(70_000)}`),
    },
  ])('say nothing of a dry run in $name', ({ request, given }) => {
    expect(read(request, given).options.dryRun).toBe(false)
  })

  test('the older name of a policy counts', () => {
    expect(read(`DELETE ${POD}?orphanDependents=true`).options.propagationPolicy).toBe('Orphan')
    const given = sent('application/json', '{"orphanDependents":true}')
    expect(read(`DELETE ${POD}`, given).options.propagationPolicy).toBe('Orphan')
  })
})
