import { describe, expect, test } from 'vitest'
import { parseRoleName, roleNames } from '../../../src/policy/rbac/names.ts'

describe('roleNames', () => {
  test('are other names for each boundary of a cluster', () => {
    const all = ['blue', 'green', 'blue:task'].flatMap(owner => {
      const names = roleNames(owner)
      return [names.boundary, names.task('x'), names.onBehalf('x')]
    })
    expect(new Set(all).size).toBe(all.length)
  })

  test('are names that Kubernetes takes, whatever a user is called', () => {
    expect(roleNames('CN=a/b%c').task('x')).not.toMatch(/[/%]/)
  })

  test.each(['leasegate-system', 'system:serviceaccount:a:b', 'boundary'])('are read back, of %s', owner => {
    const names = roleNames(owner)
    expect(parseRoleName(names.boundary)).toEqual({ owner, template: null })
    for (const name of [names.task('look'), names.onBehalf('look'), `${names.task('look')}:cluster`]) {
      expect(parseRoleName(name)).toEqual({ owner, template: 'look' })
    }
  })

  test.each(['cluster-admin', 'leasegate:agents', 'leasegate:task:look', 'x:leasegate:a:task:b', 'leasegate:a:b'])(
    'are not what %s is',
    name => {
      expect(parseRoleName(name)).toBeNull()
    },
  )
})
