import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { Finding } from '../../../../findings/report.ts'
import type { Cluster, StoredObject } from '../../../../kubernetes/cluster.ts'
import { shellQuote } from '../../../shell-quote.ts'
import { type AgentInCluster, accountNamespaces } from '../identities.ts'
import type { Look } from '../looking.ts'

const WHY = 'It is a credential that rests where the agent is.'

/** Users with a credential of their own in kubeconfigs that agents can read: in the cluster, and in files. */
export async function kubeconfigs(
  cluster: Cluster,
  agents: readonly AgentInCluster[],
  files: readonly string[],
): Promise<Look> {
  const namespaces = accountNamespaces(agents)
  const stored = (await Promise.all(namespaces.map(namespace => objectsIn(cluster, namespace)))).flat()
  const texts = await Promise.all(
    files.map(async file => ({ file, text: await readFile(file, 'utf8').catch(() => '') })),
  )
  return {
    tried: [
      `${stored.length} Secrets and ConfigMaps in ${namespaces.join(', ') || 'no namespace'}`,
      ...files.map(file => `the file ${file}`),
    ],
    seen: [],
    findings: [
      ...stored.flatMap(({ kind, object }) => inObject(kind, object)),
      ...texts.flatMap(({ file, text }) => usersWithCredential(text).map(user => inFile(file, user))),
    ],
  }
}

async function objectsIn(cluster: Cluster, namespace: string) {
  const [secrets, configMaps] = await Promise.all([cluster.secrets(namespace), cluster.configMaps(namespace)])
  return [
    ...secrets.map(object => ({ kind: 'secret', object })),
    ...configMaps.map(object => ({ kind: 'configmap', object })),
  ]
}

function inObject(kind: string, { name, namespace, values }: StoredObject): readonly Finding[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const users = usersWithCredential(value)
    if (users.length === 0) return []
    const pointer = `/data/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const patch = JSON.stringify([{ op: 'remove', path: pointer }])
    const finding: Finding = {
      severity: 'critical',
      what: `${kind} ${namespace}/${name} has a kubeconfig (${key}) with a credential of ${users.join(' and ')}`,
      why: WHY,
      mend: `kubectl patch ${kind} ${shellQuote(name)} -n ${shellQuote(namespace)} --type=json -p ${shellQuote(patch)}`,
    }
    return [finding]
  })
}

function inFile(file: string, user: string): Finding {
  return {
    severity: 'critical',
    what: `the kubeconfig ${file} has a credential of ${user}`,
    why: WHY,
    mend: `kubectl config delete-user ${shellQuote(user)} --kubeconfig ${shellQuote(file)}`,
  }
}

const CREDENTIALS = ['token', 'tokenFile', 'client-key', 'client-key-data', 'password', 'auth-provider']

/** Names of users with something that opens a cluster; an exec plugin asks for it each time, as ours does. */
function usersWithCredential(text: string): readonly string[] {
  if (!text.includes('users') || !text.includes('clusters')) return []
  const users = listOf(parsed(text), 'users')
  return users.flatMap(each => {
    const { name, user } = each as { readonly name?: unknown; readonly user?: unknown }
    const has = typeof user === 'object' && user !== null && CREDENTIALS.some(key => Object.hasOwn(user, key))
    return has ? [String(name)] : []
  })
}

function listOf(value: unknown, key: string): readonly object[] {
  if (typeof value !== 'object' || value === null) return []
  const list: unknown = (value as Readonly<Record<string, unknown>>)[key]
  return Array.isArray(list) ? list.filter(each => typeof each === 'object' && each !== null) : []
}

function parsed(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0, logLevel: 'silent' })
  } catch {
    return null
  }
}
