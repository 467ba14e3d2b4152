import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server } from '@grpc/grpc-js'
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { renderTokenSecret } from '../../envoy/secrets.ts'
import { type EnvoySettings, socket } from '../../envoy/settings.ts'
import { type ProcessOptions, socketsIn, startAuthorizer, startEnvoy } from '../../local/edition/processes.ts'
import { createAuthority } from '../../local/pki.ts'
import { freePort } from '../../local/process/ports.ts'
import { type Started, Supervisor } from '../../local/process/supervisor.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { addAccessLog } from '../../src/envoy/server/access-log-server.ts'
import { startGrpcServer } from '../../src/envoy/server/grpc-server.ts'
import { generateKeyFiles, parseSigningKey } from '../../src/identity/keys/keys.ts'
import { sealContract } from '../../src/identity/signed/contract.ts'
import { issueLeaseToken } from '../../src/identity/token/lease-token.ts'
import { LEASE_TOKEN_TYPE } from '../../src/identity/token/token-types.ts'
import type { Lease } from '../../src/lease/lease.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import { parsePolicy } from '../../src/policy/load/policy-file.ts'
import { issueScope } from '../../src/policy/template/issue-scope.ts'
import type { Outcome } from '../../src/record/outcome.ts'
import { aLease, creating, revoking } from '../lease/a-lease.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { patientRequest } from '../support/wire/patient-request.ts'
import type { RawAnswer } from '../support/wire/raw-request.ts'
import { StubUpstream } from './stub-upstream.ts'

export const AGENT = 'bot'
export const OTHER_AGENT = 'other'

/** What stands behind each lease that the attacks are made with. */
const POLICY = `
boundaryNamespace: leasegate
productionNamespaces: [prod]
issuers: [{ name: i, issuer: "https://i.example", audience: leasegate, jwks: { file: /i.json } }]
agents:
  - { name: ${AGENT}, issuer: i, claims: { sub: ${AGENT} } }
  - { name: ${OTHER_AGENT}, issuer: i, claims: { sub: ${OTHER_AGENT} } }
people: []
templates:
  - name: everything
    grants: [{ agent: ${AGENT}, namespaces: [dev] }, { agent: ${OTHER_AGENT}, namespaces: [dev] }]
    rules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]
    maxTtl: 2h
  - name: reads
    grants: [{ agent: ${AGENT}, namespaces: [dev] }]
    rules: [{ verbs: [get, list], apiGroups: [""], resources: [pods, pods/log, services] }]
    maxTtl: 1h
  - name: patches
    grants: [{ agent: ${AGENT}, namespaces: [dev] }]
    rules: [{ verbs: [patch, update], apiGroups: ["*"], resources: ["*"] }]
    maxTtl: 1h
  - name: restarts
    grants: [{ agent: ${AGENT}, namespaces: [dev] }]
    rules:
      - { verbs: [get, list, watch], apiGroups: [""], resources: [pods, pods/log, events] }
      - { verbs: [get, list, watch], apiGroups: [apps], resources: [deployments, replicasets] }
      - verbs: [patch]
        apiGroups: [apps]
        resources: [deployments]
        resourceNames: [web]
        fields: ['spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]']
    maxTtl: 1h
  - name: narrow
    grants: [{ agent: ${AGENT}, namespaces: [dev] }]
    rules:
      - { verbs: [get, list, watch], apiGroups: [""], resources: [secrets, configmaps], metadataOnly: true }
      - { verbs: [list, watch, deletecollection], apiGroups: [""], resources: [pods], labelSelector: app=web }
      - verbs: [patch]
        apiGroups: [apps]
        resources: [deployments]
        fields: ["spec.replicas <= 5", "spec.template.spec.containers[*].image = registry.corp/*"]
      - { verbs: [create, update, patch], apiGroups: [batch], resources: [jobs, cronjobs] }
    images: [registry.corp/*]
    maxTtl: 1h
`

export type Template = 'everything' | 'reads' | 'patches' | 'restarts' | 'narrow'

/** Real Envoy, real authorizers, real Valkey; behind them an upstream that writes down every byte. */
export interface Boundary {
  readonly port: number
  /** Where its processes have their files. */
  readonly directory: string
  /** One more Envoy before the same authorizers and upstream. */
  readonly anotherEnvoy: (name: string, given?: Pick<EnvoySettings, 'heapBytes' | 'recorder'>) => Promise<AnotherEnvoy>
  readonly authorizerPids: readonly number[]
  readonly valkey: Valkey
  readonly upstream: StubUpstream
  readonly supervisor: Supervisor
  readonly outcomes: readonly Outcome[]
  readonly token: (template: Template, given?: Partial<Lease>) => Promise<{ token: string; lease: Lease }>
  readonly revoke: (lease: Lease) => Promise<void>
  /** A JWS by the key that lease tokens are signed with, whatever it says. */
  readonly forge: (claims: JWTPayload, header: Partial<JWTHeaderParameters>) => Promise<string>
  /** Sends the lines with a token of that template, over HTTP/1.1, byte for byte; again where a busy machine was too late to decide. */
  readonly send: (
    template: Template,
    line: string,
    headers?: readonly string[],
    body?: string | Buffer,
  ) => Promise<RawAnswer>
  /** Value of one of Envoy's counters, or of another one's. */
  readonly stat: (name: string, adminSocket?: string) => Promise<number>
  readonly stop: () => Promise<void>
}

export interface AnotherEnvoy {
  readonly port: number
  readonly started: Started
  readonly adminSocket: string
  /** What its server certificate is read from. */
  readonly serverSecretFile: string
}

interface Given {
  /** In place of the upstream that writes down. */
  readonly apiServer?: EnvoySettings['apiServer']
  /** In place of what fills `outcomes`. */
  readonly addTap?: (server: Server) => void
}

export async function aBoundary({ apiServer, addTap }: Given = {}): Promise<Boundary> {
  const toolchain = await ensureToolchain(() => undefined)
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const supervisor = new Supervisor()
  const valkey = await Valkey.start()
  const keyFiles = await generateKeyFiles()
  const signing = await parseSigningKey(keyFiles.signing)
  const parsed = parsePolicy(POLICY, 'policy.yaml')
  if (signing.kind === 'problem' || parsed.kind === 'problems') throw new Error(JSON.stringify(parsed))
  const { policy } = parsed
  const keysDirectory = join(directory, 'keys')
  await mkdir(keysDirectory)
  await writeFile(join(keysDirectory, 'public.jwks.json'), keyFiles.verify)
  await writeFile(join(directory, 'policy.yaml'), POLICY)

  const authority = await createAuthority(directory)
  const upstream = await StubUpstream.listen(
    await authority.issue({ name: 'upstream', subject: 'CN=upstream', servedAs: ['127.0.0.1'] }),
  )
  const sockets = socketsIn(directory)
  const outcomes: Outcome[] = []
  const tap = await startGrpcServer({
    door: { kind: 'unix', path: sockets.tap },
    addServices:
      addTap ??
      (grpc => addAccessLog(grpc, { onOutcome: outcome => void outcomes.push(outcome), onGone: () => undefined })),
  })
  const processes: ProcessOptions = {
    supervisor,
    directory,
    redisSocket: join(valkey.dir, 'valkey.sock'),
    policyFile: join(directory, 'policy.yaml'),
    keysDirectory,
    clickhouseUrl: null,
  }
  const authorizers = await Promise.all(
    sockets.authorizers.map((socket, at) => startAuthorizer(processes, socket, `authorizer-${at}`)),
  )
  const port = await freePort()
  const server = await authority.issue({ name: 'boundary', subject: 'CN=boundary', servedAs: ['127.0.0.1'] })
  await writeFile(join(directory, 'token'), 'boundary-credential')
  await writeFile(join(directory, 'secret.json'), renderTokenSecret(join(directory, 'token')))
  const settings = {
    boundary: { address: '127.0.0.1', port },
    broker: { address: '127.0.0.1', port: await freePort() },
    server,
    apiServer: apiServer ?? {
      host: '127.0.0.1',
      port: upstream.port,
      certificateName: '127.0.0.1',
      caFile: authority.caFile,
      credential: 'token' as const,
      secretFile: join(directory, 'secret.json'),
    },
    authorizers: sockets.authorizers.map(socket),
    tap: socket(sockets.tap),
    brokerPart: socket(sockets.broker),
    adminSocket: sockets.envoyAdmin,
  }
  await startEnvoy(processes, toolchain.envoy, settings)
  const anotherEnvoy: Boundary['anotherEnvoy'] = async (name, given = {}) => {
    const own = join(directory, name)
    await mkdir(own)
    const [other, adminSocket] = [await freePort(), join(own, 'admin.sock')]
    const started = await startEnvoy({ ...processes, directory: own }, toolchain.envoy, {
      ...settings,
      ...given,
      boundary: { address: '127.0.0.1', port: other },
      broker: { address: '127.0.0.1', port: await freePort() },
      adminSocket,
    })
    return { port: other, started, adminSocket, serverSecretFile: join(own, 'envoy-server.json') }
  }

  const store = new RedisLeaseStore(await valkey.connected())
  const token: Boundary['token'] = async (name, given = {}) => {
    const template = policy.templates.find(each => each.name === name)
    if (template === undefined) throw new Error(`no template ${name}`)
    const lease = aLease({
      agent: AGENT,
      template: name,
      namespaces: ['dev'],
      scope: issueScope(template, ['dev']),
      expiresAt: Date.now() + 600_000,
      ...given,
    })
    await store.create({ ...creating(lease), contract: await sealContract(lease, signing.value) })
    const now = Date.now()
    const ttlMs = Math.max(300_000, (given.expiresAt ?? 0) - now)
    const issued = await issueLeaseToken(lease, { key: signing.value, now, ttlMs })
    return { token: issued.token, lease }
  }
  const tokens = new Map<Template, string>()
  return {
    port,
    directory,
    anotherEnvoy,
    authorizerPids: authorizers.map(({ pid }) => pid),
    valkey,
    upstream,
    supervisor,
    outcomes,
    token,
    forge: (claims, header) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', typ: LEASE_TOKEN_TYPE, kid: signing.value.kid, ...header })
        .sign(signing.value.key),
    revoke: async lease => void (await store.revoke(revoking(lease))),
    send: async (template, line, headers = [], body = '') => {
      const bearer = tokens.get(template) ?? (await token(template)).token
      tokens.set(template, bearer)
      return patientRequest(
        port,
        [`${line} HTTP/1.1`, 'Host: boundary', `Authorization: Bearer ${bearer}`, ...headers],
        body,
      )
    },
    stat: (name, adminSocket = sockets.envoyAdmin) => envoyStat(adminSocket, name),
    stop: async () => {
      await supervisor.stop()
      await tap.stop(0)
      upstream.close()
      await valkey.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function envoyStat(socketPath: string, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = httpRequest({ socketPath, path: `/stats?filter=^${name}$` }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', part => {
        text += part
      })
      response.once('end', () => resolve(Number(text.split(': ')[1] ?? 0)))
    })
    asking.once('error', reject)
    asking.end()
  })
}
