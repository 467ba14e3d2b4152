import { describe, expect, test } from 'vitest'
import { isFieldWithin, parseField, toFields } from '../../../src/request/fields/field.ts'

const REPLICAS = ['spec', 'replicas']

describe('parseField', () => {
  test.each([
    ['spec.replicas', { path: REPLICAS, limit: null }],
    ['spec.replicas <= 5', { path: REPLICAS, limit: { kind: 'number', least: Number.NEGATIVE_INFINITY, most: 5 } }],
    ['spec.replicas >= -2', { path: REPLICAS, limit: { kind: 'number', least: -2, most: Number.POSITIVE_INFINITY } }],
    ['spec.replicas in 2..5', { path: REPLICAS, limit: { kind: 'number', least: 2, most: 5 } }],
    ['data["a b <= c"] = d', { path: ['data', 'a b <= c'], limit: { kind: 'text', text: 'd' } }],
    [
      'spec.template.spec.containers[*].image = registry.corp/*',
      {
        path: ['spec', 'template', 'spec', 'containers', null, 'image'],
        limit: { kind: 'beginning', text: 'registry.corp/' },
      },
    ],
  ])('%s', (text, want) => {
    expect(parseField(text)).toEqual(want)
  })

  test.each([
    ['spec.replicas < 5', /must say of its field/],
    ['spec.replicas<=5', /must be a field/],
    ['spec.replicas <=5', /must say of its field/],
    ['spec.replicas <= 5.5', /whole numbers/],
    ['spec.replicas <= 05', /whole numbers/],
    ['spec.replicas <= 1e3', /whole numbers/],
    ['spec.replicas in 5..2', /whole numbers, the smaller one first/],
    ['spec.replicas in 5', /whole numbers/],
    ['spec.replicas <= 5 or more', /must say of its field/],
    ['spec.schedule = *', /only as its last sign/],
    ['spec.schedule = a*b', /only as its last sign/],
    ['spec.containers[*].image = registry.corp*', /registry.corp.evil.example too/],
    [' spec', /must be a field/],
    ['', /must be a field/],
  ])('%s is none, and says why', (text, why) => {
    expect(parseField(text)).toMatch(why)
    expect(toFields([text])).toEqual([])
  })
})

describe('isFieldWithin', () => {
  test.each([
    { field: 'spec.replicas <= 3', wider: ['spec.replicas <= 5'], want: true },
    { field: 'spec.replicas in 2..3', wider: ['spec.replicas <= 5'], want: true },
    { field: 'spec.replicas <= 3', wider: ['spec'], want: true },
    { field: 'spec.replicas <= 6', wider: ['spec.replicas <= 5'], want: false },
    { field: 'spec.replicas >= 1', wider: ['spec.replicas <= 5'], want: false },
    { field: 'spec.replicas', wider: ['spec.replicas <= 5'], want: false },
    { field: 'spec.replicas = 3', wider: ['spec.replicas <= 5'], want: false },
    { field: 'spec.a = x/y', wider: ['spec.a = x/*'], want: true },
    { field: 'spec.a = x/y/*', wider: ['spec.a = x/*'], want: true },
    { field: 'spec.a = x*', wider: ['spec.a = x/*'], want: false },
    { field: 'spec.a.b', wider: ['spec.a = x/*'], want: false },
    { field: 'spec.containers[*].image = r/x', wider: ['spec.containers[*].image = r/*'], want: true },
    { field: 'spec.containers[*].command', wider: ['spec.containers[*].image'], want: false },
    { field: 'spec.containers[*].image', wider: ['spec.containers'], want: true },
    { field: 'spec.containers', wider: ['spec.containers[*].image'], want: false },
  ])('$field in $wider: $want', ({ field, wider, want }) => {
    expect(toFields([field]).map(one => isFieldWithin(one, toFields(wider)))).toEqual([want])
  })
})
