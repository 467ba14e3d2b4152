import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readAuditLog } from '../cluster/audit-log.ts'
import type { Edition } from '../edition/edition.ts'
import { leasegate } from '../edition/leasegate.ts'
import { type Ran, run } from '../process/run.ts'
import type { Running, Stage } from './stage.ts'
import type { Transcript } from './transcript.ts'

const SEEN_WITHIN_MS = 15_000

export interface Finding {
  readonly says: string
  readonly ok: boolean
  readonly seen: string
}

/** What the story wants of an edition, however it was started. */
export type Played = Pick<
  Edition,
  'names' | 'directory' | 'cluster' | 'policyFile' | 'boundaryUrl' | 'caFile' | 'identityTokenFile' | 'environments'
>

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
    platform: { kubeconfigFile: edition.cluster.adminKubeconfig, policyFile: edition.policyFile },
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
    leasegate: (who, args) => shown(transcript, who, 'leasegate', args, leasegate(args, edition.environments[who])),
    identityToken: async () => (await readFile(edition.identityTokenFile, 'utf8')).trim(),
    audit: () => readAuditLog(edition.cluster.auditLog),
    check: (says, ok, seen = '') => {
      transcript.verdict(ok, ok ? says : `${says}: ${seen}`)
      onFinding({ says, ok, seen })
    },
  }
}

async function shown(
  transcript: Transcript,
  who: string,
  program: string,
  args: readonly string[],
  running: Promise<Ran>,
): Promise<Ran> {
  const hidden = program === 'leasegate' && (args.includes('json') || args[0] === 'credential')
  if (!hidden) transcript.command(who, `${program} ${args.map(quote).join(' ')}`)
  const ran = await running
  if (!hidden) transcript.output(`${ran.stdout}${ran.stderr}`)
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

function startRunning(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  const exited = new Promise<void>(resolve => child.once('close', () => resolve()))
  return {
    output: () => output,
    saw: pattern =>
      new Promise((resolve, reject) => {
        const end = performance.now() + SEEN_WITHIN_MS
        const timer = setInterval(() => {
          const done = pattern.test(output)
          if (!done && performance.now() < end) return
          clearInterval(timer)
          if (done) resolve()
          else reject(new Error(`never saw ${pattern} in: ${output}`))
        }, 25)
      }),
    ended: async deadlineMs => {
      const startedAt = performance.now()
      const late = Promise.withResolvers<never>()
      const timer = setTimeout(() => late.reject(new Error(`still running after ${deadlineMs} ms`)), deadlineMs)
      await Promise.race([exited, late.promise]).finally(() => clearTimeout(timer))
      return performance.now() - startedAt
    },
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}
