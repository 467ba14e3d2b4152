import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { BOUNDARY_ACCOUNT, BOUNDARY_NAMESPACE } from '../../local/edition/cluster/boundary-namespace.ts'
import { apply } from '../../local/edition/cluster/prepare-cluster.ts'
import { leasegateOutput } from '../../local/edition/leasegate.ts'
import { anEdition, type TestEdition } from '../e2e/an-edition.ts'
import { until } from '../support/until.ts'

interface Policy {
  readonly templates: readonly object[]
}

/** A template as the policy file has it, without whom it is granted to: that is the edition's agent. */
export interface ExtraTemplate {
  readonly name: string
  readonly namespaces: readonly string[]
  readonly [rest: string]: unknown
}

/** An edition whose policy has more templates, added as a platform team does it: edit the file, apply what `policy rbac` prints. */
export async function aClientsEdition(
  extra: (app: string) => readonly ExtraTemplate[],
  options: Parameters<typeof anEdition>[0] = {},
): Promise<TestEdition> {
  const playing = await anEdition(options)
  const { names, policyFile, cluster } = playing.edition
  const added = extra(names.app).map(({ namespaces, ...template }) => ({
    ...template,
    grants: [{ agent: names.agent, namespaces }],
  }))
  if (added.length === 0) return playing
  const policy = parse(await readFile(policyFile, 'utf8')) as Policy
  await writeFile(policyFile, stringify({ ...policy, templates: [...policy.templates, ...added] }))
  const account = `${BOUNDARY_NAMESPACE}/${BOUNDARY_ACCOUNT}`
  await apply(cluster, await leasegateOutput(['policy', 'rbac', policyFile, '--account', account]))
  await Promise.all(['broker', 'authorizer-0', 'authorizer-1'].map(name => reloaded(playing, name)))
  return playing
}

async function reloaded({ edition }: TestEdition, name: string): Promise<void> {
  const log = join(edition.directory, `${name}.log`)
  await until(`${name} to have read the policy again`, async () =>
    (await readFile(log, 'utf8')).includes('policy changed'),
  )
}

/** For a query of `requests` that counts or lists: what a busy boundary answered by itself with 503 and its client asked again is no finding. */
export const NOT_TOO_BUSY = 'status != 503'

/** What the API server's audit log has of these leases and the record has not, or not as allowed. */
export async function unrecorded({ stage, sql }: TestEdition, leases: readonly string[]): Promise<readonly string[]> {
  const seen = (await stage.audit()).filter(({ lease }) => leases.includes(lease))
  const rows = await sql<{ audit_id: string }>("SELECT audit_id FROM requests WHERE decision = 'allow'")
  const known = new Set(rows.map(({ audit_id }) => audit_id))
  return seen.filter(({ auditId }) => !known.has(auditId)).map(({ verb, object }) => `${verb} ${object}`)
}
