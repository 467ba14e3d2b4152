import { cutPods, podsIn } from '../delete/lists.ts'
import { type Draft, EMPTY } from '../draft.ts'
import { ageOf } from '../look/age.ts'
import type { Looked } from '../look/cluster-view.ts'
import { listAt, textAt } from '../look/json.ts'
import { collectionPath } from '../look/object-path.ts'
import { usesSecret } from '../look/pods.ts'
import { actorOf, type Planning } from '../planning.ts'

/**
 * A read of Secrets: which, of what type, how old, and who uses them beside. They are asked for as a table, in the name of the agent: its
 * values never come here. The account itself has no right to read any, and under an agent's name no other than the agent's.
 */
export async function secretPlan(planning: Planning): Promise<Draft> {
  const { request, view } = planning
  const { namespace, name } = request.info
  const [table, pods] = await Promise.all([
    view.getAs(actorOf(planning), tableTarget(planning), 'table'),
    namespace === '' ? null : podsIn(view, namespace),
  ])
  const rows = table.kind === 'found' ? listAt(table.value, 'rows') : []
  const secrets = rows.map(row => toSecret(row, planning.now))
  const users = (pods?.items ?? []).flatMap(pod => secrets.flatMap(secret => usedBy(pod, secret.name)))
  return {
    ...EMPTY,
    kind: 'secret-read',
    summary: summaryOf(table, secrets.length),
    facts:
      name === ''
        ? []
        : secrets.slice(0, 1).flatMap(({ type, keys, age }) => [
            { name: 'type', value: type },
            { name: 'keys', value: keys },
            { name: 'age', value: age },
          ]),
    affected: [
      ...(name === ''
        ? secrets.map(secret => ({
            kind: 'Secret',
            namespace: secret.namespace || namespace,
            name: secret.name,
            detail: `${secret.type}, ${secret.age}`,
          }))
        : []),
      ...users,
    ],
    counts: [{ kind: 'Secret', count: secrets.length }],
    notes: [
      'its answer has the values, which are not shown here',
      ...(table.kind === 'refused' ? [`the Secrets may not be looked at: ${table.why}`] : []),
      ...usersNotes(namespace, pods),
      'a yes is for what the Secrets have in them by then: between the yes and its use nothing is compared',
      ...(textAt(table.kind === 'found' ? table.value : null, 'metadata', 'continue') === ''
        ? []
        : ['there are more than are counted here']),
    ],
    object:
      name === '' || secrets[0] === undefined
        ? null
        : { uid: secrets[0].uid, resourceVersion: secrets[0].resourceVersion },
    state: JSON.stringify(secrets.map(({ uid, resourceVersion }) => [uid, resourceVersion])),
  }
}

/** Who is named uses it; that nobody else does is never known. */
function usersNotes(namespace: string, pods: Awaited<ReturnType<typeof podsIn>>): readonly string[] {
  if (namespace === '') return ['who uses them was not looked for: they are in all namespaces']
  if (pods === null) return ['who uses it cannot be found out: the pods may not be listed']
  return [
    ...cutPods(pods),
    'users were looked for among the pods that are there: not among Ingresses, CronJobs or kinds of others',
  ]
}

/** With its selectors, but neither as a watch nor in other pages than one. */
function tableTarget({ request }: Planning): string {
  const { info } = request
  if (info.name !== '') return `${collectionPath(info)}/${encodeURIComponent(info.name)}`
  const asked = new URLSearchParams({ limit: '200' })
  if (info.labelSelector !== '') asked.set('labelSelector', info.labelSelector)
  if (info.fieldSelector !== '') asked.set('fieldSelector', info.fieldSelector)
  return `${collectionPath(info)}?${asked}`
}

function toSecret(row: unknown, now: number) {
  const of = (field: string) => textAt(row, 'object', 'metadata', field)
  // As kubectl prints them: name, type, number of keys, age.
  const [, type, keys] = listAt(row, 'cells')
  return {
    name: of('name'),
    namespace: of('namespace'),
    uid: of('uid'),
    resourceVersion: of('resourceVersion'),
    type: String(type ?? ''),
    keys: String(keys ?? ''),
    age: ageOf(of('creationTimestamp'), now),
  }
}

function usedBy(pod: unknown, secret: string): Draft['affected'] {
  const how = usesSecret(pod, secret)
  if (how === '') return []
  return [
    {
      kind: 'Pod',
      namespace: textAt(pod, 'metadata', 'namespace'),
      name: textAt(pod, 'metadata', 'name'),
      detail: `${how} (Secret ${secret})`,
    },
  ]
}

function summaryOf(table: Looked, count: number): string {
  if (table.kind === 'absent') return 'no Secret of this name is there'
  if (table.kind === 'refused') return 'reads Secrets that could not be looked at'
  return count === 1 ? 'reads one Secret whole' : `reads ${count} Secrets whole`
}
