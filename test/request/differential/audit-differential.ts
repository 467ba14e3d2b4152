import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { Cluster } from '../../../local/cluster/cluster.ts'
import type { RequestInfo } from '../../../src/request/api-request.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { readAnywhere } from '../../../src/request/read-request.ts'
import { until } from '../../support/until.ts'
import { RawConnection } from '../../support/wire/raw-connection.ts'
import { arbitraryRequest, arbitrarySelection } from '../arbitrary-request.ts'

const CONNECTIONS = 4

export interface Counts {
  /** In the audit log as they are read here. */
  readonly same: number
  /** Stricter than the API server, and so not sent. */
  readonly refused: number
}

/** What of an entry of the API server's audit log says how a request was read. */
interface Logged {
  readonly auditID: string
  readonly verb: string
  readonly objectRef?: Partial<Reading>
}

/** Fields of RequestInfo with the names that the audit log gives them; null for what is no resource. */
type Reading = Pick<RequestInfo, 'apiGroup' | 'apiVersion' | 'namespace' | 'resource' | 'subresource' | 'name'>
interface Read {
  readonly verb: string
  readonly object: Reading | null
}

interface Run {
  readonly seed: number
  readonly numRuns: number
}

/**
 * Sends generated requests straight to the API server, as somebody who may do nothing there, and throws when its audit log does not
 * show each of them, or shows one in another way than it is read here.
 */
export async function assertSameInAuditLog(cluster: Cluster, { seed, numRuns }: Run): Promise<Counts> {
  const requests = fc.oneof({ weight: 4, arbitrary: arbitraryRequest }, { weight: 1, arbitrary: arbitrarySelection })
  const sent = new Map<string, { readonly http: HttpRequest; readonly read: Read }>()
  for (const [at, http] of fc.sample(requests, { seed, numRuns }).entries()) {
    const read = readAnywhere(http)
    if (read.kind === 'read') sent.set(`reading-${seed}-${at}`, { http, read: toRead(read.request.info) })
  }
  await sendAll(
    cluster,
    [...sent].map(([id, { http }]) => toLines(http, id)),
  )
  let logged = await readLog(cluster.auditLog, sent)
  await until('every request in the audit log', async () => {
    logged = await readLog(cluster.auditLog, sent)
    return logged.size === sent.size
  })
  for (const [id, { http, read }] of sent) {
    const entry = logged.get(id)
    if (entry !== undefined && isDeepStrictEqual(fromLog(entry), read)) continue
    const readings = [JSON.stringify(read), JSON.stringify(entry)]
    throw new Error([`${http.method} ${http.target} is read otherwise than by the API server:`, ...readings].join('\n'))
  }
  return { same: sent.size, refused: numRuns - sent.size }
}

function toRead({ verb, isResourceRequest, ...info }: RequestInfo): Read {
  return { verb, object: isResourceRequest ? toReading(info) : null }
}

function fromLog({ verb, objectRef }: Logged): Read {
  return { verb, object: objectRef === undefined ? null : toReading(objectRef) }
}

function toReading(given: Partial<Reading>): Reading {
  const { apiGroup = '', apiVersion = '', namespace = '', resource = '', subresource = '', name = '' } = given
  return { apiGroup, apiVersion, namespace, resource, subresource, name }
}

/** The generated requests have no bodies. */
function toLines({ method, target, headers }: HttpRequest, id: string): readonly string[] {
  const length = method === 'GET' || method === 'HEAD' || headers.length > 0 ? [] : ['Content-Length: 0']
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${target} HTTP/1.1`, 'Host: localhost', `Audit-ID: ${id}`, ...length, ...lines]
}

async function sendAll(cluster: Cluster, requests: readonly (readonly string[])[]): Promise<void> {
  const { certificateFile, keyFile } = await cluster.authority.issue({ name: 'stranger', subject: 'CN=stranger' })
  const [ca, cert, key] = await Promise.all([cluster.caFile, certificateFile, keyFile].map(file => readFile(file)))
  if (ca === undefined || cert === undefined || key === undefined) throw new Error('no certificate')
  const left = [...requests]
  const workers = Array.from({ length: CONNECTIONS }, async () => {
    const connection = new RawConnection({ port: cluster.port, ca, cert, key })
    for (let lines = left.pop(); lines !== undefined; lines = left.pop()) await connection.send(lines)
    connection.close()
  })
  await Promise.all(workers)
}

/** A last line that is still being written is left out. */
async function readLog(file: string, sent: ReadonlyMap<string, unknown>): Promise<ReadonlyMap<string, Logged>> {
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
  const entries = lines.map((line): Logged => JSON.parse(line)).filter(({ auditID }) => sent.has(auditID))
  return new Map(entries.map(entry => [entry.auditID, entry]))
}
