import { readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import type { EnvoyAdmin } from '../../companion/envoy-admin.ts'
import { SETTINGS, type SettingKey } from '../../config/settings.ts'
import { findingsOf } from '../../findings/report.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { ClusterError } from '../../kubernetes/cluster-error.ts'
import { connectCluster } from '../../kubernetes/connect/connect-cluster.ts'
import type { Account, RbacOptions } from '../../policy/rbac/rbac.ts'
import { examine, type Patient } from '../../proof/doctor/doctor.ts'
import { adminAt } from '../../proof/doctor/envoy/admin-at.ts'
import type { Authority, Served } from '../../proof/doctor/envoy/certificates.ts'
import { readCaFile } from '../broker/read-ca-file.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { accountOfPlanner, accountOfPolicy, boundaryAccount, modeOption } from '../policy/rbac.ts'
import { readPolicy } from '../policy/read-policy.ts'
import { askRecord } from '../record/query/query-runner.ts'
import { type OpenStore, openStore } from './open-store.ts'
import { type ReportFormat, render, reportOption } from './report-output.ts'

interface Options {
  readonly kubeconfig?: string
  readonly inCluster?: true
  readonly context?: string
  readonly policy?: string
  readonly mode: RbacOptions['mode']
  readonly account?: RbacOptions['boundary']
  readonly planner?: Account
  readonly admission: boolean
  readonly envoyAdmin?: string
  readonly envoyConfig?: string
  readonly alsoIn?: readonly string[]
  readonly strict?: true
  readonly output: ReportFormat
}

export function doctorCommand(terminal: Terminal): Command {
  return new Command('doctor')
    .option('--kubeconfig <file>', "a platform engineer's, to examine rights and the policy in the cluster")
    .addOption(
      new Option('--in-cluster', 'the cluster that this pod is in, as its own account').conflicts('kubeconfig'),
    )
    .option('--context <name>', "its context (default: the file's current one)")
    .option('--policy <file>', 'the policy file (default: LEASEGATE_POLICY_FILE)')
    .addOption(modeOption())
    .addOption(accountOfPolicy())
    .addOption(accountOfPlanner())
    .option('--no-admission', 'where admission policies are left out on purpose, or the cluster is older than 1.30')
    .option('--also-in <namespace...>', "namespaces to try the boundary's own rights in")
    .option(
      '--envoy-admin <address>',
      "Envoy's admin: unix:PATH or http://127.0.0.1:PORT (default: LEASEGATE_ENVOY_ADMIN_SOCKET)",
    )
    .option('--envoy-config <file>', 'a configuration of Envoy to lint')
    .addOption(new Option('--strict', 'warnings count as well'))
    .addOption(reportOption())
    .action(async (options: Options) => {
      const store = isSet(terminal, 'redisUrl') ? await openStore(terminal) : null
      try {
        const report = await examine(await toPatient(terminal, options, store))
        terminal.print(render(report, options.output))
        const counted = findingsOf(report).filter(({ severity }) => options.strict === true || severity !== 'warning')
        if (counted.length > 0)
          throw new CliError(
            'refused',
            `there ${counted.length === 1 ? 'is 1 finding' : `are ${counted.length} findings`}`,
          )
      } catch (error) {
        throw error instanceof ClusterError ? new CliError('usage', error.message, error) : error
      } finally {
        store?.close()
      }
    })
}

async function toPatient(terminal: Terminal, options: Options, store: OpenStore | null): Promise<Patient> {
  const { mode, account, planner } = options
  const reader = await clusterOf(options)
  const policyFile = options.policy ?? terminal.env[SETTINGS.policyFile.env]
  const policy = policyFile === undefined ? null : await readPolicy(policyFile)
  const admin = options.envoyAdmin ?? terminal.env[SETTINGS.envoyAdminSocket.env]
  const config = options.envoyConfig
  return {
    store,
    record: recordOf(terminal),
    ledgers: terminal.env[SETTINGS.ledgerDirectory.env] ?? null,
    envoy: admin === undefined ? null : adminOf(admin),
    envoyConfig: config === undefined ? null : { file: config, text: await readConfigFile(config) },
    served: [...(await served(terminal, 'boundary')), ...(await served(terminal, 'broker'))],
    authorities: await storesCa(terminal),
    keys: {
      publicFile: isSet(terminal, 'publicKeysFile') ? settings(terminal, ['publicKeysFile']).publicKeysFile : null,
      signingFile: isSet(terminal, 'signingKeysFile') ? settings(terminal, ['signingKeysFile']).signingKeysFile : null,
    },
    policy,
    cluster:
      reader === null
        ? null
        : {
            reader,
            rbac: {
              mode,
              boundary: boundaryAccount(policy, account),
              ...(planner === undefined ? {} : { planner }),
            },
            judges: options.admission,
            namespaces: options.alsoIn ?? [],
          },
  }
}

async function clusterOf({ kubeconfig, context, inCluster }: Options): Promise<Cluster | null> {
  if (kubeconfig !== undefined) return connectCluster({ file: kubeconfig, context: context ?? null })
  return inCluster === true ? connectCluster(null) : null
}

function isSet(terminal: Terminal, key: SettingKey): boolean {
  return terminal.env[SETTINGS[key].env] !== undefined
}

async function served(terminal: Terminal, name: 'boundary' | 'broker'): Promise<readonly Served[]> {
  const keys =
    name === 'boundary' ? (['boundaryUrl', 'boundaryCaFile'] as const) : (['brokerUrl', 'brokerCaFile'] as const)
  const [urlKey, caKey] = keys
  if (!isSet(terminal, urlKey)) return []
  const config: Readonly<Record<string, unknown>> = settings(terminal, keys)
  const [url, caFile] = [String(config[urlKey]).replace(/\/+$/, ''), config[caKey]]
  const caSetting = SETTINGS[caKey].env
  const ca = typeof caFile === 'string' ? await readCaFile(caFile, `the ${name}'s CA (${caSetting})`) : null
  return [{ name, url, ca, caSetting }]
}

function recordOf(terminal: Terminal): Patient['record'] {
  const server = isSet(terminal, 'clickhouseUrl')
  if (!server && !isSet(terminal, 'querySocket')) return null
  return { through: server ? 'server' : 'tap', ask: request => askRecord(terminal, request) }
}

function adminOf(address: string): EnvoyAdmin {
  const admin = adminAt(address)
  if (admin === null) throw new CliError('usage', '--envoy-admin must be unix:PATH or http://127.0.0.1:PORT')
  return admin
}

async function storesCa(terminal: Terminal): Promise<readonly Authority[]> {
  if (!isSet(terminal, 'redisCaFile')) return []
  const { redisCaFile } = settings(terminal, ['redisCaFile'])
  const caSetting = SETTINGS.redisCaFile.env
  return redisCaFile === null
    ? []
    : [{ name: 'store', ca: await readCaFile(redisCaFile, `the store's CA (${caSetting})`), caSetting }]
}

async function readConfigFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(cause => {
    throw new CliError('usage', `cannot read ${file}`, cause)
  })
}
