// A person at kubectl, for the tests: it is given a kubeconfig and knows nothing of Leasegate.
// Usage: node main.ts KUBECTL TASK KUBECONFIG NAMESPACE PREFIX DEPLOYMENT
import { createInterface } from 'node:readline'
import { say } from '../../javascript/program/say.ts'
import { At } from './at.ts'
import { READING, watching } from './reading.ts'
import { EXPLAINED, refusal } from './refusal.ts'
import { STREAMS } from './streams.ts'
import { WRITING } from './writing.ts'

async function check(at: At): Promise<void> {
  for (const [capability, use] of Object.entries({ ...READING, ...WRITING, ...STREAMS })) {
    try {
      say('did', { capability, saw: await use(at) })
    } catch (error) {
      console.error(error)
      say('failed', { capability, error: String(error) })
    }
  }
}

/** One watch for as long as it lasts. */
async function follow(at: At): Promise<void> {
  const running = await watching(at, `followed=${at.prefix}`)
  process.once('SIGTERM', () => running.kill())
  createInterface({ input: running.stdout }).on('line', line => {
    const [type, name] = line.split(/\s+/)
    say('event', { type, name })
  })
  say('watching')
  await new Promise(resolve => running.once('exit', resolve))
  say('cut')
  await list(at, at.namespace)
}

async function list(at: At, namespace: string): Promise<void> {
  const { code, stderr } = await at.try(['get', 'configmaps', '--namespace', namespace, EXPLAINED])
  if (code !== 0) say('refused', { error: refusal(stderr) })
}

/** kubectl comes again ten times by itself; then a person does. */
async function approved(at: At): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    const { code, stdout, stderr } = await at.try(['get', 'secret', at.prefix, '-o', 'json', EXPLAINED])
    if (code === 0) return say('read', { keys: Object.keys(JSON.parse(stdout).data) })
    const error = refusal(stderr)
    if (error.status !== 429) throw new Error(stderr)
    say('waiting', { error })
  }
}

const [program = '', task = '', kubeconfig = '', namespace = '', prefix = '', deployment = ''] = process.argv.slice(2)
const tasks: Readonly<Record<string, (at: At) => Promise<void>>> = {
  check,
  follow,
  approved,
  refused: at => list(at, at.prefix),
}
await tasks[task]?.(new At([program, kubeconfig, namespace, prefix, deployment]))
process.exit()
