import type { At } from './at.ts'
import { EXPLAINED, refusal } from './refusal.ts'

interface ConfigMap {
  readonly data: Readonly<Record<string, string>>
}

async function create(at: At) {
  const { data } = await at.json<ConfigMap>(['create', '-f', '-'], { input: at.configMap('written', { one: '1' }) })
  return { data }
}

async function afterwards(at: At, object: string) {
  const { stderr } = await at.try(['get', object, EXPLAINED])
  return { afterwards: refusal(stderr).status }
}

async function dryRun(at: At) {
  await at.do(['create', '--dry-run=server', '-f', '-'], { input: at.configMap('dry') })
  return afterwards(at, `configmap/${at.prefix}-dry`)
}

async function replace(at: At) {
  const input = at.configMap('written', { one: '1', two: '2' })
  return { data: (await at.json<ConfigMap>(['replace', '-f', '-'], { input })).data }
}

async function patched(at: At, type: string, patch: unknown) {
  const args = ['patch', 'configmap', `${at.prefix}-written`, `--type=${type}`, '-p', JSON.stringify(patch)]
  return { data: (await at.json<ConfigMap>(args)).data }
}

const jsonPatch = (at: At) => patched(at, 'json', [{ op: 'add', path: '/data/json', value: 'yes' }])
const mergePatch = (at: At) => patched(at, 'merge', { data: { json: null, merge: 'yes' } })
const strategicPatch = (at: At) => patched(at, 'strategic', { data: { strategic: 'yes' } })

async function apply(at: At) {
  const applied = (owner: string, ...more: readonly string[]) => {
    const input = at.configMap('applied', { owner })
    const args = ['apply', '--server-side', `--field-manager=${owner}`, '-f', '-', '-o', 'json', ...more]
    return at.try(args, { input })
  }
  await applied('one')
  // It says the causes in words alone.
  const { stderr } = await applied('two', '-v=6')
  const [, status, reason] = /PATCH.*?\b(\d{3}) ([A-Z]\w+)/.exec(stderr) ?? []
  const causes = [...stderr.matchAll(/^error: .*conflict with "one": \.data\.owner/gim)].map(
    () => 'FieldManagerConflict',
  )
  const { stdout } = await applied('two', '--force-conflicts')
  return { status: Number(status), reason, causes, forced: (JSON.parse(stdout) as ConfigMap).data }
}

function deployment(at: At): string {
  const name = `${at.prefix}-scaled`
  const labels = { app: name }
  const spec = { automountServiceAccountToken: false, containers: [{ name: 'main', image: 'main:1' }] }
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  })
}

async function scale(at: At) {
  const name = `deployment/${at.prefix}-scaled`
  const replicas = () => at.do(['get', name, '--subresource=scale', '-o', 'jsonpath={.spec.replicas}'])
  await at.do(['apply', '-f', '-'], { input: deployment(at) })
  const was = Number(await replicas())
  await at.do(['scale', name, '--replicas=2'])
  return { was, now: Number(await replicas()) }
}

async function status(at: At) {
  const seen = { type: 'Seen', status: 'True', reason: 'Tested', message: 'by a program' }
  const patch = JSON.stringify({ status: { conditions: [seen] } })
  const args = ['patch', `deployment/${at.prefix}-scaled`, '--subresource=status', '--type=strategic', '-p', patch]
  return { seen: (await at.do([...args, '-o', 'jsonpath={.status.conditions[*].type}'])).includes('Seen') }
}

async function deleteWithOptions(at: At) {
  const name = `deployment/${at.prefix}-scaled`
  await at.do(['delete', name, '--cascade=background', '--grace-period=0', '--force'])
  await at.do(['delete', 'configmap', `${at.prefix}-written`, '--now'])
  return afterwards(at, name)
}

export const WRITING: Readonly<Record<string, (at: At) => Promise<unknown>>> = {
  create,
  'dry run': dryRun,
  replace,
  'JSON patch': jsonPatch,
  'merge patch': mergePatch,
  'strategic merge patch': strategicPatch,
  'server-side apply': apply,
  scale,
  status,
  'delete with options': deleteWithOptions,
}
