import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { knownHead } from '../../../src/authorizer/head/known-heads.ts'
import { kindOf } from '../../../src/authorizer/head/said.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import type { HeaderLine, HttpRequest } from '../../../src/request/http-request.ts'
import { until } from '../../support/until.ts'
import { http } from '../road.ts'

/** Shown to Node.js while it runs, for this file alone. */
setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const LINES: HeaderLine[] = [['user-agent', 'kubectl']]
const TARGET = 'GET /api/v1/namespaces/x/pods/kept'

function sent(line: string, more: readonly HeaderLine[] = []): HttpRequest {
  return http(line, null, { headers: [...LINES, ['authorization', 'Bearer a.b.c'], ...more] })
}

test('of a request whose reading is kept nothing else is: neither token nor session', async () => {
  const session = 's'.repeat(1000)
  const lastOne = (): readonly [WeakRef<HttpRequest>, unknown] => {
    for (let n = 0; n < 3; n++) knownHead(sent(TARGET, [['kubectl-session', session]]))
    const one = sent(`${TARGET}-too`, [['kubectl-session', session]])
    knownHead({ ...one })
    return [new WeakRef(one), knownHead(one)]
  }
  const [request, kept] = lastOne()
  await until('what was sent to be gone', () => {
    collect()
    return request.deref() === undefined
  })
  expect(kept).toMatchObject({ request: { path: '/api/v1/namespaces/x/pods/kept-too' } })
  expect(knownHead(sent(`${TARGET}-too`, [['kubectl-session', session]]))).toMatchObject({
    request: (kept as { request: unknown }).request,
  })
})

test('a selector that counts is another kind than one in the same words that does not', () => {
  const kindWith = (labelSelector: string) => {
    for (let n = 0; n < 2; n++) knownHead(sent(`${TARGET}?labelSelector=app%3Dweb`))
    const head = knownHead(sent(`${TARGET}?labelSelector=app%3Dweb`))
    if (head === null) throw new Error('it is not known')
    const { request } = head
    return kindOf({ ...head, request: { ...request, info: { ...request.info, labelSelector } } }, { id: 'l' } as Lease)
  }
  expect(kindWith('app=web')).not.toBe(kindWith(''))
})
