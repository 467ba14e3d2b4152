import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { MAIN } from '../../local/edition/leasegate.ts'
import { STORY_NAMES } from '../../local/edition/names.ts'
import { policyText } from '../../local/edition/policy-text.ts'
import { listensOn } from '../../local/process/listens-on.ts'
import { type Started, Supervisor } from '../../local/process/supervisor.ts'
import { serviceDefinition } from '../../src/envoy/server/protos.ts'
import { sealContract } from '../../src/identity/token/contract.ts'
import { generateKeyFiles, parseSigningKey } from '../../src/identity/token/keys.ts'
import { issueLeaseToken } from '../../src/identity/token/lease-token.ts'
import { RedisLeaseStore } from '../../src/lease/redis-lease-store.ts'
import { parsePolicy } from '../../src/policy/policy-file.ts'
import { issueScope } from '../../src/policy/template/issue-scope.ts'
import { aLease, creating } from '../lease/a-lease.ts'
import { Valkey } from '../support/stores/valkey.ts'

/*
 * CPU of the authorizer's process for each Check (fields 14 and 15 of /proc/PID/stat), against a server that answers without thinking,
 * in one run: the machine is noisy, the ratio less so. Real Valkey, journal included; a token seen before, as in use.
 */
const SECONDS = 6
const WARM_UP_MS = 2000
const TICKS_PER_SECOND = 100
const AT_ONCE = 64

const directory = await mkdtemp(join(tmpdir(), 'lg-bench-'))
const supervisor = new Supervisor()
const check = theCheck()

function theCheck() {
  const method = serviceDefinition('envoy.service.auth.v3.Authorization')['Check']
  if (method === undefined) throw new Error('no Check in the service')
  return method
}

function cpuMicros(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6
}

function residentMib(pid: number): number {
  return Math.round((Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 2 ** 20)
}

let asked = 0

function aCheck(token: string): object {
  const line = (key: string, value: string) => ({ key, raw_value: Buffer.from(value) })
  const path = `/api/v1/namespaces/${STORY_NAMES.app}/pods/web-0`
  const headers = [
    line('authorization', `Bearer ${token}`),
    line('x-request-id', `bench-${asked++}`),
    line('user-agent', 'kubectl/v1.36.3 (linux/amd64)'),
    line('kubectl-command', 'kubectl get'),
    line('accept', 'application/json'),
  ]
  return {
    attributes: {
      source: { address: { socket_address: { address: '127.0.0.1', port_value: 1 } } },
      request: { http: { method: 'GET', path, header_map: { headers } } },
      context_extensions: { route: 'read' },
    },
  }
}

async function measure(name: string, socket: string, server: Started, token: string): Promise<number> {
  const client = new Client(`unix:${socket}`, credentials.createInsecure())
  const waits: number[] = []
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const from = performance.now()
      client.makeUnaryRequest<object, { status?: { code?: number } }>(
        check.path,
        check.requestSerialize,
        bytes => check.responseDeserialize(bytes) as { status?: { code?: number } },
        aCheck(token),
        (error, answer) => {
          waits.push(performance.now() - from)
          if (error !== null) reject(error)
          else if ((answer?.status?.code ?? 0) !== 0) reject(new Error(`${name} denied`))
          else resolve()
        },
      )
    })
  const during = async (ms: number) => {
    const end = performance.now() + ms
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (performance.now() < end) await one()
      }),
    )
  }
  await during(WARM_UP_MS)
  waits.length = 0
  const before = cpuMicros(server.pid)
  const from = performance.now()
  await during(SECONDS * 1000)
  const perCheck = (cpuMicros(server.pid) - before) / waits.length
  const rate = (waits.length / (performance.now() - from)) * 1000
  waits.sort((a, b) => a - b)
  const at = (share: number) => (waits[Math.floor(waits.length * share)] ?? 0).toFixed(1)
  console.log(
    `${name.padEnd(12)} ${perCheck.toFixed(0)} µs CPU a check, ${rate.toFixed(0)}/s with ${AT_ONCE} at once, ` +
      `median ${at(0.5)} ms, p99 ${at(0.99)} ms, ${residentMib(server.pid)} MiB`,
  )
  client.close()
  return perCheck
}

function start(name: string, socket: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const logFile = join(directory, `${name}.log`)
  const isReady = () => listensOn(socket)
  return supervisor.start({ name, command: process.execPath, args, env, logFile, isReady })
}

async function prepare(valkey: Valkey): Promise<{ token: string; env: Readonly<Record<string, string>> }> {
  const keyFiles = await generateKeyFiles()
  const signing = await parseSigningKey(keyFiles.signing)
  const issuers = { cluster: { issuer: 'https://c', jwksFile: '/c' }, people: { issuer: 'https://p', jwksFile: '/p' } }
  const text = policyText(STORY_NAMES, issuers)
  const parsed = parsePolicy(text, 'policy.yaml')
  if (signing.kind === 'problem' || parsed.kind === 'problems') throw new Error('bad set-up')
  const template = parsed.policy.templates.find(({ name }) => name === STORY_NAMES.restart)
  if (template === undefined) throw new Error('no template')
  const lease = aLease({
    agent: STORY_NAMES.agent,
    template: template.name,
    namespaces: [STORY_NAMES.app],
    scope: issueScope(template, [STORY_NAMES.app]),
    expiresAt: Date.now() + 3_600_000,
  })
  const contract = await sealContract(lease, signing.value)
  await new RedisLeaseStore(await valkey.connected()).create({ ...creating(lease), contract })
  await writeFile(join(directory, 'policy.yaml'), text)
  await writeFile(join(directory, 'public.json'), keyFiles.verify)
  const issued = await issueLeaseToken(lease, { key: signing.value, now: Date.now(), ttlMs: 300_000 })
  const env = {
    LEASEGATE_REDIS_URL: valkey.url,
    LEASEGATE_DURABILITY: 'always',
    LEASEGATE_POLICY_FILE: join(directory, 'policy.yaml'),
    LEASEGATE_PUBLIC_KEYS_FILE: join(directory, 'public.json'),
    LEASEGATE_AUTHORIZER_LISTEN: `unix:${join(directory, 'real.sock')}`,
    LEASEGATE_JOURNAL_HIGH_MARK: '10000000',
    LEASEGATE_JOURNAL_HARD_LIMIT: '20000000',
  }
  return { token: issued.token, env }
}

for (const appendfsync of ['everysec', 'always'] as const) {
  const valkey = await Valkey.start({ appendfsync })
  const { token, env } = await prepare(valkey)
  const nothing = join(directory, 'null.sock')
  const real = join(directory, 'real.sock')
  const wire = await start('wire', nothing, [join(import.meta.dirname, 'null-authorizer.ts'), nothing])
  const authorizer = await start('authorizer', real, [MAIN, 'authorizer'], env)
  console.log(`appendfsync ${appendfsync}`)
  const least = await measure('wire alone', nothing, wire, token)
  const all = await measure('authorizer', real, authorizer, token)
  console.log(`ratio        ${(all / least).toFixed(2)}`)
  await wire.stop('SIGKILL')
  await authorizer.stop('SIGKILL')
  await valkey.stop()
}
await supervisor.stop()
await rm(directory, { recursive: true, force: true })
