import { describe, expect, test } from 'vitest'
import { describeField, isWithin, parseFieldPath } from '../../../src/request/fields/field-path.ts'

describe('parseFieldPath', () => {
  test.each([
    ['spec', ['spec']],
    ['spec.replicas', ['spec', 'replicas']],
    ['metadata.annotations["a.b/c"]', ['metadata', 'annotations', 'a.b/c']],
    ['data["a b"].x', ['data', 'a b', 'x']],
    ['["a"]', ['a']],
    ['a["\\"\\\\"]', ['a', '"\\']],
    ['spec.containers[*].image', ['spec', 'containers', null, 'image']],
    [
      'spec.template.spec.initContainers[*].resources.limits.cpu',
      ['spec', 'template', 'spec', 'initContainers', null, 'resources', 'limits', 'cpu'],
    ],
  ])('%s', (text, want) => {
    expect(parseFieldPath(text)).toEqual(want)
  })

  test.each([
    '',
    '.',
    '.spec',
    'spec.',
    'spec..x',
    'spec[0]',
    'spec["x"',
    'spec[""]',
    "spec['x']",
    'a b',
    '*',
    'spec.*',
    '["a"]b',
    'spec.containers[*]',
    'spec.rules[*].host',
    '[*].image',
    'spec.containers[*]image',
    'spec.containers[*].x.containers[*].y',
    'a.b.c.d.e.f.g.h.i.j.k.l.m',
    '["a\u0009b"]',
  ])('%s is no field', text => {
    expect(parseFieldPath(text)).toBeNull()
  })
})

describe('isWithin', () => {
  test('a field holds itself and what is below, nothing beside or above', () => {
    const fields = [['spec', 'replicas']]
    const held = [['spec', 'replicas'], ['spec', 'replicas', 'x'], ['spec'], [], ['spec', 'paused']]
    expect(held.map(path => isWithin(path, fields))).toEqual([true, true, false, false, false])
  })
})

describe('describeField', () => {
  test("says no names but those of types: others may be the client's own words", () => {
    expect(describeField(['metadata', 'annotations', 'ghp_123'])).toBe('metadata.annotations')
    expect(describeField(['spec', 'replicas'])).toBe('spec.replicas')
    expect(describeField(['\u202e'])).toBe('the object')
    expect(describeField(['spec', 'containers', null, 'image'])).toBe('spec.containers[*].image')
  })
})
