import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rule } from '../../../src/lease/lease.ts'
import { covers, grants } from '../../../src/lease/scope/scope.ts'
import { aRequest } from '../../policy/a-request.ts'
import { requests, rules, scopes } from './arbitrary-scope.ts'

interface Row {
  readonly name: string
  readonly rule: Partial<Rule>
  readonly request: string
  readonly contentType?: string
  readonly upgrade?: boolean
  readonly body?: string
  readonly want: boolean
}

const rows: readonly Row[] = JSON.parse(
  readFileSync(new URL('../../vectors/policy-covers.json', import.meta.url), 'utf8'),
)
const NOTHING: Rule = {
  verbs: [],
  apiGroups: [],
  resources: [],
  resourceNames: [],
  namespaces: [],
  nonResourceURLs: [],
  commands: [],
  stdin: false,
  fields: [],
}

describe('covers', () => {
  test.each(rows)('$name: $want', ({ rule, request, want, ...sent }) => {
    expect(covers([{ ...NOTHING, ...rule }], aRequest(request, sent)) !== null).toBe(want)
  })

  test('an empty scope covers nothing', () => {
    expect(covers([], aRequest('GET /api/v1/namespaces/x/pods/p'))).toBeNull()
  })

  test('a request that names no verb is not covered', () => {
    const all = { ...NOTHING, verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['x'] }
    const request = { ...aRequest('GET /api/v1/namespaces/x/pods/p'), verbs: [] }
    expect(covers([all], request)).toBeNull()
  })

  test('names the rule that covers, and all of them when several verbs need several', () => {
    const patch = { ...NOTHING, verbs: ['patch'], apiGroups: [''], resources: ['pods'], namespaces: ['x'] }
    const create = { ...patch, verbs: ['create'] }
    const scope = [NOTHING, create, patch]
    const target = 'PATCH /api/v1/namespaces/x/pods/p'
    expect(covers(scope, aRequest(target))).toEqual({ rule: 'rule 3' })
    const applied = aRequest(target, { contentType: 'application/apply-patch+yaml' })
    expect(covers(scope, applied)).toEqual({ rule: 'rule 3: patch, rule 2: create' })
  })

  test('what a request would be answered with is read for a rule that asks for it, and for no other', () => {
    const gets = { ...NOTHING, verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['x'] }
    const { info, ...others } = aRequest('GET /api/v1/namespaces/x/pods/p')
    let times = 0
    const request = Object.defineProperty({ ...others, info }, 'answer', {
      get: () => {
        times += 1
        return 'whole'
      },
    })
    expect(covers([gets], request)).toEqual({ rule: 'rule 1' })
    expect(times).toBe(0)
    expect(covers([{ ...gets, metadataOnly: true }], request)).toBeNull()
    expect(times).toBe(1)
  })

  test('of many rules, which are sorted by what they are about once a scope is asked of often, the first that grants', () => {
    const many = fc.array(rules, { minLength: 17, maxLength: 60 })
    let answers = 0
    fc.assert(
      fc.property(many, fc.array(requests, { minLength: 6, maxLength: 20 }), (scope, asked) => {
        for (const request of asked) {
          const first = request.verbs.map(verb => scope.findIndex(rule => grants(rule, verb, request)))
          const isCovered = first.length > 0 && !first.includes(-1)
          const said = covers(scope, request)
          expect(said !== null).toBe(isCovered)
          for (const at of isCovered ? first : []) expect(said?.rule).toMatch(new RegExp(`\\brule ${at + 1}\\b`))
          if (isCovered) answers += 1
        }
      }),
    )
    expect(answers).toBeGreaterThan(0)
  })

  test('more rules never take away what fewer rules cover', () => {
    fc.assert(
      fc.property(scopes, rules, requests, (scope, rule, request) => {
        fc.pre(covers(scope, request) !== null)
        expect(covers([...scope, rule], request)).not.toBeNull()
        expect(covers([rule, ...scope], request)).not.toBeNull()
      }),
    )
  })

  test('a namespace object is covered only by a rule that names namespaces', () => {
    fc.assert(
      fc.property(scopes, fc.constantFrom('GET', 'PATCH', 'DELETE'), (scope, method) => {
        const unnamed = scope.map(rule => ({ ...rule, resources: rule.resources.filter(one => one !== 'namespaces') }))
        expect(covers(unnamed, aRequest(`${method} /api/v1/namespaces/x`))).toBeNull()
      }),
    )
  })
})
