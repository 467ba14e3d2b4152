import { describe, expect, test } from 'vitest'
import { budgetsOf } from '../../../src/policy/budgets.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const CORE = '/api/v1/namespaces/x'
const ONE = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
const LIST = ONE.replace('Metadata;', 'MetadataList;')
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const READS = { verbs: ['get', 'list', 'watch'], apiGroups: [''] }

function judged(rule: Parameters<typeof aRule>[0], line: string, accept?: string, skip: readonly string[] = []) {
  const template = aTemplate({ rules: [aRule({ ...READS, ...rule })], approval: { skip, require: [] } })
  const request = aRequest(line, accept === undefined ? {} : { accept })
  return judge({ request, lease: leaseOf(template), policy: aPolicy({ templates: [template] }) })
}

describe('a rule for metadata', () => {
  const rule = { resources: ['secrets', 'configmaps'], metadataOnly: true as const }

  test.each([
    { line: `GET ${CORE}/configmaps/a`, accept: ONE },
    { line: `GET ${CORE}/configmaps`, accept: LIST },
    { line: `GET ${CORE}/configmaps?watch=1`, accept: ONE },
    { line: `GET ${CORE}/configmaps`, accept: TABLE },
    { line: `GET ${CORE}/secrets?includeObject=None`, accept: TABLE },
  ])('lets $line pass as $accept', ({ line, accept }) => {
    expect(judged(rule, line, accept)).toMatchObject({ kind: 'allow', risk: null })
  })

  test.each([
    { line: `GET ${CORE}/secrets`, accept: LIST },
    { line: `GET ${CORE}/secrets`, accept: TABLE },
    { line: `GET ${CORE}/secrets/a`, accept: ONE },
  ])('$line as $accept may show what was applied: it asks, unless the template skips that', ({ line, accept }) => {
    expect(judged(rule, line, accept)).toMatchObject({
      kind: 'approval',
      risk: { id: expect.stringMatching(/^secrets-(get|list)$/) },
    })
    expect(judged(rule, line, accept, ['secrets-get', 'secrets-list'])).toMatchObject({ kind: 'allow' })
    expect(judged(rule, line, 'application/json', ['secrets-get', 'secrets-list'])).toMatchObject({ kind: 'deny' })
  })

  test.each([
    { line: `GET ${CORE}/secrets/a` },
    { line: `GET ${CORE}/secrets` },
    { line: `GET ${CORE}/configmaps/a`, accept: 'application/json' },
    { line: `GET ${CORE}/configmaps/a`, accept: `application/json, ${ONE}` },
    { line: `GET ${CORE}/configmaps?watch=true`, accept: TABLE },
    { line: `GET ${CORE}/configmaps?includeObject=Object`, accept: TABLE },
  ])('refuses $line as $accept, and says how to ask', ({ line, accept }) => {
    expect(judged(rule, line, accept)).toMatchObject({
      reason: 'out-of-scope',
      detail: expect.stringMatching(/in namespace "x" but for reads of metadata alone$/),
      instead: expect.stringMatching(/^leave out -o and -w of kubectl get, or ask with Accept: /),
    })
  })

  test('lets nothing be written, however it is asked', () => {
    const every = { ...rule, verbs: ['*'] }
    for (const line of [`DELETE ${CORE}/configmaps/a`, `PATCH ${CORE}/configmaps/a`, `DELETE ${CORE}/configmaps`])
      expect(judged(every, line, ONE)).toMatchObject({ kind: 'deny', reason: 'out-of-scope' })
  })

  test('takes of the budget for Secrets where they may be shown, and not where columns are', () => {
    const taken = (line: string, accept: string) => budgetsOf(aRequest(line, { accept })).includes('secretReads')
    expect(taken(`GET ${CORE}/secrets`, LIST)).toBe(true)
    expect(taken(`GET ${CORE}/secrets?includeObject=None`, TABLE)).toBe(false)
    expect(taken(`GET ${CORE}/secrets?includeObject=None`, 'application/json')).toBe(true)
  })
})

describe('a rule with a selector', () => {
  const rule = {
    ...READS,
    verbs: ['*'],
    resources: ['pods'],
    labelSelector: 'app=web',
    fieldSelector: 'spec.nodeName=n',
  }
  const both = 'labelSelector=app%3Dweb,tier%3Da&fieldSelector=spec.nodeName%3Dn'

  test.each([
    `GET ${CORE}/pods?${both}`,
    `GET ${CORE}/pods?watch=true&resourceVersion=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&${both}`,
    `GET ${CORE}/pods?limit=1&continue=x&${both}`,
    `DELETE ${CORE}/pods?${both}`,
  ])('lets %s pass', line => {
    expect(judged(rule, line).kind).not.toBe('deny')
  })

  test.each([
    `GET ${CORE}/pods`,
    `GET ${CORE}/pods?labelSelector=app%3Dweb`,
    `GET ${CORE}/pods?fieldSelector=spec.nodeName%3Dn`,
    `GET ${CORE}/pods?labelSelector=app%3Dapi&fieldSelector=spec.nodeName%3Dn`,
    `GET ${CORE}/pods?labelSelector=app&fieldSelector=spec.nodeName%3Dn`,
    `GET ${CORE}/pods?labelSelector=app%3Dweb,((&fieldSelector=spec.nodeName%3Dn`,
    `GET ${CORE}/pods/a?${both}`,
    `GET /api/v1/watch/namespaces/x/pods?${both}`,
    `DELETE ${CORE}/pods`,
    `DELETE ${CORE}/pods/a?${both}`,
    `PATCH ${CORE}/pods/a?${both}`,
    `POST ${CORE}/pods?${both}`,
  ])('refuses %s, and says what to select', line => {
    expect(judged(rule, line)).toMatchObject({
      reason: 'out-of-scope',
      detail: expect.stringMatching(/in namespace "x" but for what is selected by app=web or spec.nodeName=n$/),
      instead: expect.stringMatching(/: -l 'app=web' --field-selector 'spec.nodeName=n'$/),
    })
  })
})
