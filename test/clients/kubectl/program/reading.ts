import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { At, Running } from './at.ts'

async function version(at: At) {
  const { serverVersion } = await at.json<{ readonly serverVersion: { readonly gitVersion: string } }>(['version'])
  return { server: serverVersion.gitVersion }
}

async function discovery(at: At) {
  const versions = (await at.do(['api-versions'])).trim().split('\n')
  const apps = await at.do(['api-resources', '--api-group=apps', '-o', 'wide', '--no-headers'])
  const core = await at.do(['api-resources', '--api-group=', '-o', 'name'])
  const verbs = /^deployments .* ([a-z,]+) .*$/m.exec(apps)?.[1]
  const groups = new Set(versions.map(each => each.split('/')[0] ?? ''))
  return {
    groups: ['apps', 'batch'].filter(group => groups.has(group)),
    versions: versions.filter(each => !each.includes('/')),
    deployments: verbs?.split(',').toSorted(),
    pods: core.split('\n').includes('pods'),
  }
}

interface Page {
  readonly items: readonly unknown[]
  readonly metadata: { readonly continue?: string }
}

/** `--chunk-size` shows no sizes, so page by page; the whole must be the same. */
async function pages(at: At) {
  for (let number = 0; number < 5; number++) {
    await at.do(['create', '-f', '-'], { input: at.configMap(`page-${number}`, {}, { pages: at.prefix }) })
  }
  const path = `/api/v1/namespaces/${at.namespace}/configmaps?limit=2&labelSelector=pages%3D${at.prefix}`
  const sizes: number[] = []
  let more = ''
  do {
    const page: Page = JSON.parse(await at.do(['get', '--raw', path + more]))
    sizes.push(page.items.length)
    more = page.metadata.continue === undefined ? '' : `&continue=${encodeURIComponent(page.metadata.continue)}`
  } while (more !== '')
  const chunks = await at.do(['get', 'configmaps', '-l', `pages=${at.prefix}`, '--chunk-size=2', '-o', 'name'])
  return { sizes, inChunks: chunks.trim().split('\n').length }
}

async function table(at: At) {
  const { stdout, stderr } = await at.try(['get', 'configmaps', '-l', `pages=${at.prefix}`, '-v=8'])
  const [head = '', ...rows] = stdout.trim().split('\n')
  return {
    kind: /kind\\?":\\?"(\w+)/.exec(stderr)?.[1],
    columns: head.split(/\s+/).map(column => column.charAt(0) + column.slice(1).toLowerCase()),
    rows: rows.length,
  }
}

const SLOWLY_MS = 60_000

/** The first line that fits; the rest has to be read all the same. */
export function lineOf(output: Readable, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: output })
    setTimeout(() => reject(new Error(`no line like ${wanted} in time`)), SLOWLY_MS)
    lines.on('line', line => wanted.test(line) && resolve(line))
    lines.once('close', () => reject(new Error(`it ended without a line like ${wanted}`)))
  })
}

/** A watch of the command `get`, live as soon as this resolves. */
export async function watching(at: At, selector: string): Promise<Running> {
  const shown = ['--watch', '--output-watch-events', '--no-headers', '-v=6']
  const running = at.start(['get', 'configmaps', '-l', selector, ...shown])
  await lineOf(running.stderr, /watch=true.*\b200 OK/)
  return running
}

async function watched(at: At) {
  const running = await watching(at, `watched=${at.prefix}`)
  const came = lineOf(running.stdout, /^ADDED/)
  await at.do(['create', '-f', '-'], { input: at.configMap('watched', {}, { watched: at.prefix }) })
  const [type, name] = (await came).split(/\s+/)
  running.kill()
  return { type, name: name?.replace(at.prefix, '') }
}

/** What waits for an object watches it as controllers do. */
async function informer(at: At) {
  const name = `configmap/${at.prefix}-informed`
  await at.do(['create', '-f', '-'], { input: at.configMap('informed') })
  const ready = at.try(['wait', name, '--for=jsonpath={.data.ready}=yes', '--timeout=60s'])
  await at.do(['patch', name, '--type=merge', '-p', '{"data":{"ready":"yes"}}'])
  const added = (await ready).code === 0
  const gone = at.try(['wait', name, '--for=delete', '--timeout=60s'])
  await at.do(['delete', name])
  return { added, deleted: (await gone).code === 0 }
}

async function dynamicClient(at: At) {
  const found = await at.json<{ readonly kind: string; readonly spec: { readonly replicas: number } }>([
    'get',
    `deployments.v1.apps/${at.deployment}`,
  ])
  return { kind: found.kind, replicas: found.spec.replicas }
}

export const READING: Readonly<Record<string, (at: At) => Promise<unknown>>> = {
  version,
  discovery,
  'list in pages': pages,
  table,
  watch: watched,
  informer,
  'dynamic client': dynamicClient,
}
