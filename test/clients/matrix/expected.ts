import { expect } from 'vitest'
import type { COMPARED } from './capabilities.ts'

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** What a program sees of a cluster when it does what the capability is about: at least this, whatever the client. */
export const EXPECTED: Readonly<Record<(typeof COMPARED)[number], object>> = {
  version: { server: expect.stringMatching(/^v1\.\d+\.\d+/) },
  discovery: { groups: ['apps', 'batch'], versions: ['v1'], deployments: VERBS, pods: true },
  'list in pages': { sizes: [2, 2, 1] },
  table: { kind: 'Table', columns: ['Name', 'Data', 'Age'], rows: 5 },
  'metadata only': { kind: 'PartialObjectMetadataList', items: 5, data: false },
  gzip: { encoding: 'gzip', items: 5 },
  watch: { type: 'ADDED', name: '-watched' },
  'watch after 410 Gone': { status: 410, afterwards: 'ADDED' },
  informer: { added: true, deleted: true },
  'dynamic client': { kind: 'Deployment', replicas: 2 },
  create: { data: { one: '1' } },
  'dry run': { afterwards: 404 },
  replace: { data: { one: '1', two: '2' } },
  'JSON patch': { data: { one: '1', two: '2', json: 'yes' } },
  'merge patch': { data: { one: '1', two: '2', merge: 'yes' } },
  'strategic merge patch': { data: { one: '1', two: '2', merge: 'yes', strategic: 'yes' } },
  'server-side apply': { status: 409, reason: 'Conflict', causes: ['FieldManagerConflict'], forced: { owner: 'two' } },
  scale: { was: 1, now: 2 },
  status: { seen: true },
  'delete with options': { afterwards: 404 },
  'delete a collection': { left: 0 },
  logs: { text: expect.stringContaining('the server is up') },
  'logs followed': { first: expect.stringContaining('the server is up') },
  exec: { stdout: 'hello\n', failed: false },
  'exec with input': { stdout: 'typed\n', failed: false },
  'exec that fails': { stderr: 'wrong\n', failed: true },
  'port-forward': { echo: 'ping' },
}
