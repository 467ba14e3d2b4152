import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readAuditLog } from '../cluster/audit-log.ts'
import type { Edition } from '../edition/edition.ts'
import { leasegate } from '../edition/leasegate.ts'
import { type Ran, run } from '../process/run.ts'
import { startRunning } from './running.ts'
import type { Stage } from './stage.ts'
import type { Transcript } from './transcript.ts'

export interface Finding {
  readonly says: string
  readonly ok: boolean
  readonly seen: string
}

/** What the story wants of an edition, however it was started. */
export type Played = Pick<
  Edition,
  'names' | 'directory' | 'cluster' | 'policyFile' | 'boundaryUrl' | 'caFile' | 'identityTokenFile' | 'environments'
> &
  Partial<Pick<Edition, 'console' | 'ledgerKeyFile' | 'certificate'>>

/** The story's stage on a running edition. Findings go to the transcript and to the caller. */
export function editionStage(
  edition: Played,
  kubectl: string,
  transcript: Transcript,
  onFinding: (finding: Finding) => void,
): Stage {
  const kubeconfigFile = join(edition.directory, 'agent.kubeconfig')
  const env = { KUBECONFIG: kubeconfigFile }
  return {
    names: edition.names,
    transcript,
    kubeconfigFile,
    console: edition.console === undefined ? null : { ...edition.console, caFile: edition.caFile },
    certificate: edition.certificate ?? null,
    platform: {
      kubeconfigFile: edition.cluster.adminKubeconfig,
      policyFile: edition.policyFile,
      ledgerKeyFile: edition.ledgerKeyFile ?? null,
    },
    kubectl: (args, more) =>
      shown(transcript, 'agent', 'kubectl', args, run(kubectl, args, { env: { ...env, ...more } })),
    kubectlRunning: args => {
      transcript.command('agent', `kubectl ${args.join(' ')} &`)
      return startRunning(kubectl, args, env)
    },
    kubectlWith: (token, to, args) =>
      shown(
        transcript,
        'agent',
        'kubectl',
        [`--server=${to}`, '--token=…', ...args],
        withToken(edition, kubectl, token, to, args),
      ),
    leasegate: (who, args, more) =>
      shown(transcript, who, 'leasegate', args, leasegate(args, { ...edition.environments[who], ...more })),
    identityToken: async () => (await readFile(edition.identityTokenFile, 'utf8')).trim(),
    audit: () => readAuditLog(edition.cluster.auditLog),
    check: (says, ok, seen = '') => {
      transcript.verdict(ok, ok ? says : `${says}: ${seen}`)
      onFinding({ says, ok, seen })
    },
  }
}

/** client-go's log of each try to learn what there is, before kubectl says the same once. */
const TRIES = /^E\d{4} .*memcache\.go.*\n/gm

/** Runs it as somebody types it, and shows what it said. */
export async function shown(
  transcript: Transcript,
  who: string,
  program: string,
  args: readonly string[],
  running: Promise<Ran>,
): Promise<Ran> {
  const hidden = program === 'leasegate' && (args.includes('json') || args[0] === 'credential')
  if (!hidden) transcript.command(who, `${program} ${args.map(quote).join(' ')}`)
  const ran = await running
  if (!hidden) transcript.output(`${ran.stdout}${ran.stderr}`.replaceAll(TRIES, ''))
  return ran
}

function quote(argument: string): string {
  return /^[\w@%+=:,./…-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}

/** Past or through the boundary with nothing but this token. */
function withToken(edition: Played, kubectl: string, token: string, to: string, args: readonly string[]): Promise<Ran> {
  const server = to === 'boundary' ? edition.boundaryUrl : edition.cluster.server
  const access = ['--kubeconfig=/dev/null', `--server=${server}`, `--certificate-authority=${edition.caFile}`]
  return run(kubectl, [...access, `--token=${token}`, ...args])
}
