import { lintEnvoy } from '../../../../envoy/lint/lint.ts'
import { lintRunningEnvoy } from '../../../../envoy/lint/running.ts'
import { isSafeVersion } from '../../../../envoy/lint/version.ts'
import type { EnvoyAdmin } from '../../../companion/envoy-admin.ts'
import type { Finding } from '../../../findings/report.ts'
import type { Examination } from '../examined.ts'

/** The Envoy that runs, as it is configured now. */
export async function examineEnvoy(admin: EnvoyAdmin): Promise<Examination> {
  const version = await versionOf(admin)
  const bootstrap = await bootstrapOf(admin)
  const breaks = lintRunningEnvoy(bootstrap)
  return {
    tried: ['/server_info and /config_dump of its admin socket, against every rule of the lint'],
    seen: [`version ${version}`, `${breaks.length} places that break a rule`],
    findings: [...(isSafeVersion(version) ? [] : [tooOld(version)]), ...breaks.map(toFinding)],
  }
}

/** A configuration that is not in use yet. */
export function examineEnvoyConfig(file: string, text: string): Examination {
  const breaks = lintEnvoy(text)
  return {
    tried: [`${file}, against every rule of the lint`],
    seen: [`${breaks.length} places that break a rule`],
    findings: breaks.map(toFinding),
  }
}

async function versionOf(admin: EnvoyAdmin): Promise<string> {
  const { text } = await admin.ask('GET', '/server_info')
  const { version } = JSON.parse(text) as { readonly version?: unknown }
  return typeof version === 'string' ? version : 'unknown'
}

interface Dump {
  readonly configs?: readonly { readonly '@type'?: string; readonly bootstrap?: object }[]
}

async function bootstrapOf(admin: EnvoyAdmin): Promise<string> {
  const { text } = await admin.ask('GET', '/config_dump')
  const dump = JSON.parse(text) as Dump
  const found = dump.configs?.find(config => config['@type']?.endsWith('.BootstrapConfigDump') === true)
  if (found?.bootstrap === undefined) throw new Error('Envoy shows no bootstrap configuration')
  return JSON.stringify(found.bootstrap)
}

function tooOld(version: string): Finding {
  return {
    severity: 'critical',
    what: `Envoy ${version} is older than it may be`,
    why: 'Bytes behind an SPDY upgrade could reach the API server as a request that nobody judged (GHSA-3vhp-c83q-jqc2).',
    mend: 'Install Envoy 1.38.5, 1.39.1, 1.40 or later.',
  }
}

function toFinding(what: string): Finding {
  return {
    severity: 'critical',
    what: `Envoy's configuration: ${what}`,
    why: 'The boundary is not what the tests of Leasegate know.',
    mend: 'Render the configuration anew with this version, and start Envoy with it unchanged.',
  }
}
