import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../../../local/cluster/cluster.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { read } from '../a-http-request.ts'

const BUILDING_MS = 600_000
const supervisor = new Supervisor()
let directory: string
let cluster: Cluster
let credentials: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer }

const DATA = 'hunter2hunter2'
const ENCODED = Buffer.from(DATA).toString('base64')
const CORE = '/api/v1/namespaces/x'

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-'))
  cluster = await startCluster({ toolchain: await ensureToolchain(() => undefined), directory, supervisor })
  const { certificateFile, keyFile } = await cluster.authority.issue({
    name: 'tester',
    subject: 'CN=tester, O=system:masters',
  })
  const [ca, cert, key] = await Promise.all([cluster.caFile, certificateFile, keyFile].map(file => readFile(file)))
  if (ca === undefined || cert === undefined || key === undefined) throw new Error('no credentials')
  credentials = { ca, cert, key }
  await cluster.admin(['create', 'namespace', 'x'])
  await cluster.admin(['create', 'secret', 'generic', 'a', `--from-literal=k=${DATA}`, '-n', 'x'])
  await cluster.admin(['create', 'configmap', 'a', `--from-literal=k=${DATA}`, '-n', 'x'])
}, BUILDING_MS)

afterAll(async () => {
  await supervisor.stop()
  await rm(directory, { recursive: true, force: true })
})

/** As it comes over the wire, of a watch all that it has for a second. */
function answered(
  path: string,
  accept: readonly string[],
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = accept.length === 0 ? {} : { accept: [...accept] }
    const sent = httpsRequest({ host: '127.0.0.1', port: cluster.port, path, headers, ...credentials }, answer => {
      const parts: Buffer[] = []
      answer.on('data', part => parts.push(part))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('latin1') }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

const answerTo = (path: string, accept: readonly string[]) =>
  read(`GET ${path}`, { headers: accept.map(value => ['accept', value] as const) }).answer

const hasData = (text: string) => text.includes(DATA) || text.includes(ENCODED)
const showsData = async (path: string, accept: readonly string[]) => hasData((await answered(path, accept)).text)

const as = (kind: string, type = 'json') => `application/${type};as=${kind};g=meta.k8s.io;v=v1`
const TABLE = `${as('Table')},application/json`

describe('what the API server answers', () => {
  const paths = ['secrets', 'configmaps'].flatMap(kind =>
    ['', '/a', '?watch=true&timeoutSeconds=1'].map(rest => `${CORE}/${kind}${rest}`),
  )

  test.each(paths)('%s: whole objects to whoever asks for nothing', async path => {
    expect(await showsData(path, [])).toBe(true)
  })

  test.each(paths)('%s: metadata alone where that is what was read, and it is served', async path => {
    const kind = path.endsWith('s') ? 'PartialObjectMetadataList' : 'PartialObjectMetadata'
    for (const accept of [as(kind), `${as(kind, 'vnd.kubernetes.protobuf')}, ${as(kind)},application/json`]) {
      const { status, text } = await answered(path, [accept])
      expect([
        answerTo(path, [accept]),
        status,
        hasData(text),
        text.includes('creationTimestamp') || text.includes('PartialObjectMetadata'),
      ]).toEqual(['metadata', 200, false, true])
    }
  })

  test('has no data wherever it was read that there is none, whatever is asked for', async () => {
    const piece = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          ...['PartialObjectMetadata', 'PartialObjectMetadataList', 'Table'].flatMap(kind => [
            as(kind),
            as(kind, 'vnd.kubernetes.protobuf'),
            as(kind, 'yaml'),
          ]),
        ),
      },
      fc.constantFrom(
        'application/json',
        'application/yaml',
        '*/*',
        'application/*',
        `${as('PartialObjectMetadata')};q=0.1`,
        'application/json;q=0.9',
        as('PartialObjectMetadata').replace('v1', 'v1beta1'),
        as('PartialObjectMetadataList').replace('v1', 'v9'),
        as('Nothing'),
        'application/json;as=Table',
        'application/json;stream=watch',
        'text/html',
      ),
    )
    const header = fc
      .tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.constantFrom(',', ', ', ' ,'))
      .map(([pieces, comma]) => pieces.join(comma))
    const asked = fc.tuple(
      fc.constantFrom(...paths.filter(path => !path.includes('watch'))),
      fc.constantFrom(
        '',
        '?includeObject=None',
        '?includeObject=Metadata',
        '?includeObject=Object',
        '?limit=1&pretty=true',
      ),
      fc.oneof({ weight: 9, arbitrary: header.map(one => [one]) }, fc.tuple(header, header)),
    )
    let told = 0
    await fc.assert(
      fc.asyncProperty(asked, async ([path, query, accept]) => {
        if (answerTo(`${path}${query}`, accept) === 'whole') return
        told += 1
        expect(await showsData(`${path}${query}`, accept)).toBe(false)
      }),
      { numRuns: 1500 },
    )
    expect(told).toBeGreaterThan(100)
  })

  test('is metadata for plain kubectl get, and whole with -o yaml and -w', async () => {
    const asked = async (...more: readonly string[]) => {
      const { stderr } = await cluster.admin(['get', 'secrets', '-n', 'x', '-v=9', ...more])
      return [...stderr.matchAll(/Accept: ([^\n"\\]+)/g)].map(([, accept = '']) => accept.trim())
    }
    const path = `${CORE}/secrets`
    const tables = (await asked()).filter(accept => accept.includes('as=Table'))
    expect(tables.map(accept => answerTo(`${path}?limit=500`, [accept]))).toContain('metadata')
    const [table = ''] = tables
    expect(await showsData(path, [table])).toBe(false)
    expect(answerTo(`${path}?watch=true`, [table])).toBe('whole')
    expect((await asked('-o', 'yaml')).map(accept => answerTo(path, [accept]))).not.toContain('metadata')
  })

  test('a Secret that kubectl applied has its data in an annotation: metadata shows it, columns do not', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'applied', namespace: 'y' },
      data: { k: ENCODED },
    }
    await cluster.admin(['create', 'namespace', 'y'])
    await cluster.admin(['apply', '-f', '-'], JSON.stringify(secret))
    const path = '/api/v1/namespaces/y/secrets'
    expect(await showsData(path, [as('PartialObjectMetadataList')])).toBe(true)
    expect(await showsData(path, [TABLE])).toBe(true)
    expect(await showsData(`${path}?includeObject=None`, [TABLE])).toBe(false)
    const asked = [
      [as('PartialObjectMetadataList'), path],
      [TABLE, path],
      [TABLE, `${path}?includeObject=None`],
    ]
    expect(asked.map(([accept = '', target = '']) => answerTo(target, [accept]))).toEqual([
      'metadata',
      'metadata',
      'columns',
    ])
  })
})
