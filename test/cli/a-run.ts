import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MAIN } from '../../local/edition/leasegate.ts'
import { until } from '../support/until.ts'
import { SURROUNDINGS } from './leasegate.ts'

/** Starts one whose command waits, and gives what the command was given. */
export async function startRun(
  wish: readonly string[],
  env: Readonly<Record<string, string>>,
  started: ChildProcess[],
  script = 'echo $KUBECONFIG; exec sleep 600',
) {
  const child = spawn(process.execPath, [MAIN, 'run', ...wish, '--', 'sh', '-c', script], {
    env: { ...SURROUNDINGS, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', chunk => (stdout += chunk))
  child.stderr.on('data', chunk => (stderr += chunk))
  await until('the command to run', () => stdout.includes('\n'))
  const kubeconfig = stdout.split('\n')[0] ?? ''
  const lease = /lease (\w+),/.exec(stderr)?.[1] ?? ''
  return { child, kubeconfig, lease, said: () => stderr, printed: () => stdout }
}

/** Ends some time after the first interrupt, with how many there were. No shell: two that come at once are one to it. */
export const COUNTS = [
  process.execPath,
  '-e',
  'let n = 0; process.on("SIGINT", () => { if (n++ === 0) setTimeout(() => process.exit(n), 1500) }); ' +
    'setInterval(() => {}, 1000); console.log("counts, of " + process.ppid)',
]

/** The broker, which gives leases at once and says so when it is let. */
export async function aSlowBroker(brokerUrl: string) {
  const { promise, resolve: letGo } = Promise.withResolvers<void>()
  let held = 0
  const server = createServer(async (incoming, answer) => {
    const body = Buffer.concat(await incoming.toArray())
    const { method = '', url = '', headers } = incoming
    const { authorization = '', 'content-type': type = '' } = headers
    const given = await fetch(`${brokerUrl}${url}`, {
      method,
      headers: { authorization, ...(type === '' ? {} : { 'content-type': type }) },
      ...(body.length === 0 ? {} : { body }),
    })
    const text = await given.text()
    if (method === 'POST' && url === '/v1/leases') {
      held++
      await promise
    }
    answer.writeHead(given.status, { 'content-type': 'application/json' }).end(text)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    held: () => held,
    letGo,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

export function isGuardOf(pid: string, directory: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return words.includes('guard') && words.includes(directory)
  } catch {
    return false
  }
}
