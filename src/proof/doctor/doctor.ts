import type { EnvoyAdmin } from '../../companion/envoy-admin.ts'
import type { Checked, Report } from '../../findings/report.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import type { Policy } from '../../policy/policy.ts'
import type { RbacOptions } from '../../policy/rbac/rbac.ts'
import type { StreamLag } from '../../record/journal/journal.ts'
import type { StoreState } from '../../redis/store/read-store.ts'
import { examineAdmission } from './cluster/admission.ts'
import { examineBoundaryAccount } from './cluster/boundary-account.ts'
import { examinePolicy } from './cluster/policy-in-cluster.ts'
import { type Authority, examineCertificates, type Served } from './envoy/certificates.ts'
import { examineClocks } from './envoy/clocks.ts'
import { examineEnvoy, examineEnvoyConfig } from './envoy/envoy.ts'
import { heldCertificates } from './envoy/held-certificates.ts'
import { examined, notExamined } from './examined.ts'
import { examineIssuers } from './identity/issuers.ts'
import { examineKeys, type KeyPaths } from './identity/keys.ts'
import { judgeAnyStore } from './store/any-store.ts'
import { judgeJournal, type Marks } from './store/journal.ts'
import { examineLedgers } from './store/ledgers.ts'
import { examineRecord, type RecordReader } from './store/record.ts'

/** What the doctor was told of; null: nothing, and it is not examined. */
export interface Patient {
  readonly store: {
    readonly read: () => Promise<StoreState>
    readonly lag: () => Promise<readonly StreamLag[]>
    readonly durability: 'always' | 'everysec'
    /** That must have what may not be lost. */
    readonly replicas: number
    readonly marks: Marks
  } | null
  readonly record: RecordReader | null
  /** Where ledgers are. */
  readonly ledgers: string | null
  readonly envoy: EnvoyAdmin | null
  readonly envoyConfig: { readonly file: string; readonly text: string } | null
  readonly served: readonly Served[]
  /** CAs of what is no server of HTTPS. */
  readonly authorities: readonly Authority[]
  readonly keys: KeyPaths
  readonly policy: Policy | null
  readonly cluster: {
    readonly reader: Cluster
    readonly rbac: RbacOptions
    /** Whether admission policies are to be there. */
    readonly judges: boolean
    /** Namespaces that the boundary's own rights are tried in, beside all at once. */
    readonly namespaces: readonly string[]
  } | null
}

/** Examines an installation, part by part; changes nothing. */
export async function examine(patient: Patient): Promise<Report> {
  const parts = [
    store,
    journal,
    record,
    ledgers,
    envoy,
    envoyConfig,
    certificates,
    clocks,
    keys,
    issuers,
    policy,
    account,
    admission,
  ]
  return { title: 'leasegate doctor', checks: await Promise.all(parts.map(part => part(patient))) }
}

function store({ store }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['store', 'the store keeps what it was told'] as const
  if (store === null) return notExamined(name, title, 'LEASEGATE_REDIS_URL')
  return examined(name, title, async () => judgeAnyStore(await store.read(), store.durability, store.replicas))
}

function journal({ store }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['journal', 'the journal is written out'] as const
  if (store === null) return notExamined(name, title, 'LEASEGATE_REDIS_URL')
  return examined(name, title, async () => judgeJournal(await store.lag(), store.marks, Date.now()))
}

function record({ record }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['record', 'the record can be read, ends by itself, and is not for taking away'] as const
  if (record === null) return notExamined(name, title, 'LEASEGATE_QUERY_SOCKET or LEASEGATE_CLICKHOUSE_URL')
  return examined(name, title, () => examineRecord(record))
}

function ledgers({ ledgers }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['ledgers', 'what is written is entered and signed, out of the reach of others'] as const
  if (ledgers === null) return notExamined(name, title, 'LEASEGATE_LEDGER_DIRECTORY')
  return examined(name, title, () => examineLedgers(ledgers, Date.now()))
}

function envoy({ envoy }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['envoy', 'Envoy is new enough, and runs as it was rendered'] as const
  if (envoy === null) return notExamined(name, title, '--envoy-admin')
  return examined(name, title, () => examineEnvoy(envoy))
}

function envoyConfig({ envoyConfig }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['envoy-config', "Envoy's configuration file breaks no rule"] as const
  if (envoyConfig === null) return notExamined(name, title, '--envoy-config')
  return examined(name, title, async () => examineEnvoyConfig(envoyConfig.file, envoyConfig.text))
}

function certificates({ served, authorities, envoy }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['certificates', 'certificates are good, and stay so for a while'] as const
  if (served.length === 0 && authorities.length === 0 && envoy === null) {
    return notExamined(name, title, 'LEASEGATE_BOUNDARY_URL, LEASEGATE_BROKER_URL or --envoy-admin')
  }
  return examined(name, title, async () => {
    // That Envoy does not answer is told where Envoy is examined.
    const held = envoy === null ? [] : await heldCertificates(envoy).catch(() => [])
    return examineCertificates({ served, authorities, held }, Date.now())
  })
}

function clocks({ served, cluster }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['clocks', 'clocks agree'] as const
  const api = cluster === null ? [] : [{ name: 'API server', url: cluster.reader.server, ca: cluster.reader.ca }]
  const servers = [...served, ...api]
  if (servers.length === 0)
    return notExamined(name, title, 'LEASEGATE_BOUNDARY_URL, LEASEGATE_BROKER_URL or --kubeconfig')
  return examined(name, title, () => examineClocks(servers))
}

function keys({ keys }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['keys', 'keys of lease tokens are there, fit together, and are kept'] as const
  if (keys.publicFile === null && keys.signingFile === null) {
    return notExamined(name, title, 'LEASEGATE_PUBLIC_KEYS_FILE or LEASEGATE_SIGNING_KEYS_FILE')
  }
  return examined(name, title, () => examineKeys(keys))
}

function issuers({ policy }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['issuers', "issuers' keys can be had"] as const
  if (policy === null) return notExamined(name, title, 'LEASEGATE_POLICY_FILE')
  return examined(name, title, () => examineIssuers(policy))
}

function policy({ policy, cluster }: Patient): Promise<Checked> | Checked {
  const [name, title] = ['policy', 'what the policy grants is there in the cluster'] as const
  if (policy === null || cluster === null) return notExamined(name, title, 'LEASEGATE_POLICY_FILE and --kubeconfig')
  return examined(name, title, () => examinePolicy(cluster.reader, policy))
}

function account({ policy, cluster }: Patient): Promise<Checked> | Checked {
  const [name, title] = [
    'boundary-account',
    "the boundary's account can act as every lease, and do nothing else",
  ] as const
  if (policy === null || cluster === null) return notExamined(name, title, 'LEASEGATE_POLICY_FILE and --kubeconfig')
  return examined(name, title, () => examineBoundaryAccount(cluster.reader, policy, cluster.rbac, cluster.namespaces))
}

function admission({ policy, cluster }: Patient): Promise<Checked> | Checked {
  const [name, title] = [
    'admission',
    'what results of a write is judged by the API server, as the policy says',
  ] as const
  if (policy === null || cluster === null) return notExamined(name, title, 'LEASEGATE_POLICY_FILE and --kubeconfig')
  if (!cluster.judges) return notExamined(name, title, '--no-admission')
  return examined(name, title, () => examineAdmission(cluster.reader, policy, cluster.rbac.boundary))
}
