import type { Checked, Finding } from '../../../findings/report.ts'
import { execCommand } from '../../../kubernetes/exec-command.ts'
import type { Lease } from '../../../lease/lease.ts'
import { type Attempt, attempt, reasonIn, show, type Wanted } from '../attempt.ts'
import { compareRecord, type Sent, settledRows } from '../on-record.ts'
import type { VerifyParts } from '../parts.ts'
import { harmlessCommand } from './exec-target.ts'
import { listable, versionPath } from './resource-path.ts'

const WHO_AM_I: Wanted = {
  method: 'POST',
  target: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
  body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
}

const EXEC_WITHIN_MS = 15_000

/** A task as agents do them: look around, read, run a command. What of it is on record is compared line by line. */
export async function allowedPath(parts: VerifyParts, lease: Lease): Promise<Checked> {
  const token = await parts.agent.token(lease.id)
  const run: Run = { parts, lease, token, tried: [], sent: [], findings: [] }
  await ask(run, { method: 'GET', target: '/version' })
  const me = await ask(run, WHO_AM_I)
  const seen = [`the API server sees ${userOf(me)}`]
  const pod = await readWhatIsGranted(run)
  seen.push(...(await runCommand(run, pod)))

  const rows = await settledRows(parts, lease.id, run.sent.length)
  const whose = { agent: parts.agent.name, sponsor: parts.agent.sponsor, task: lease.task.name, lease: lease.id }
  const compared = compareRecord(run.sent, rows, whose)
  seen.push(
    `${rows.length} rows for ${run.sent.length} requests, ${compared.length === 0 ? 'in order, each' : 'not all'} tied to ${whose.agent}${whose.sponsor === '' ? '' : `, ${whose.sponsor}`}, ${whose.task} and ${whose.lease}`,
  )
  return {
    name: 'allowed-path',
    title: 'an allowed task passes, and every request of it is on record',
    tried: run.tried,
    seen,
    findings: [...run.findings, ...compared],
  }
}

interface Run {
  readonly parts: VerifyParts
  readonly lease: Lease
  readonly token: string
  readonly tried: string[]
  readonly sent: Sent[]
  readonly findings: Finding[]
}

async function ask(run: Run, wanted: Wanted): Promise<Attempt> {
  const answer = await attempt(run.parts.boundary, run.token, wanted)
  run.tried.push(show(answer))
  if (answer.status === 0) {
    run.findings.push(notReached(answer))
    return answer
  }
  const refused = reasonIn(answer.text)
  const [path = ''] = wanted.target.split('?')
  run.sent.push({
    method: wanted.method,
    path,
    status: answer.status,
    auditId: answer.auditId,
    decision: refused === '' ? 'allow' : 'deny',
  })
  if (answer.status >= 300) run.findings.push(refused === '' ? refusedByServer(answer) : refusedByBoundary(answer))
  return answer
}

/** Lists what the scope lets be listed; the name of a pod, if there is one. */
async function readWhatIsGranted(run: Run): Promise<Container | null> {
  const { lease, parts } = run
  const { namespace } = parts.wish
  const granted = listable(lease.scope, namespace)
  if (granted.length === 0) run.findings.push(nothingToRead(lease.template))
  let pod: Container | null = null
  const versions = new Map<string, string | null>([['', 'v1']])
  for (const { group, resource } of granted) {
    const version = versions.get(group) ?? (await preferredVersion(run, group))
    versions.set(group, version)
    if (version === null) continue
    const target = `${versionPath(group, version)}/namespaces/${namespace}/${resource}?limit=50`
    const answer = await ask(run, { method: 'GET', target })
    if (group === '' && resource === 'pods') pod = runningPod(answer.text)
  }
  return pod
}

async function preferredVersion(run: Run, group: string): Promise<string | null> {
  const answer = await ask(run, { method: 'GET', target: `/apis/${group}` })
  const found = parsed(answer.text) as { readonly preferredVersion?: { readonly version?: unknown } } | null
  const version = found?.preferredVersion?.version
  return typeof version === 'string' ? version : null
}

interface Container {
  readonly pod: string
  readonly container: string
}

interface PodList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string }
    readonly spec?: { readonly containers?: readonly { readonly name?: string }[] }
    readonly status?: { readonly phase?: string }
  }[]
}

function runningPod(text: string): Container | null {
  const list = parsed(text) as PodList | null
  const running = list?.items?.find(item => item.status?.phase === 'Running')
  const [pod, container] = [running?.metadata?.name, running?.spec?.containers?.[0]?.name]
  return pod === undefined || container === undefined ? null : { pod, container }
}

/** What was seen of exec; it is no finding that a template grants none, or that there is nothing to run it in. */
async function runCommand(run: Run, where: Container | null): Promise<readonly string[]> {
  const { lease, parts, token } = run
  const { namespace } = parts.wish
  const command = parts.command ?? harmlessCommand(lease.scope, namespace)
  if (command === null)
    return ['no exec: the lease lets run no command that is known to change nothing (see --command)']
  if (where === null) return [`no exec: there is no running pod in ${namespace} that the lease lets be seen`]
  const path = `/api/v1/namespaces/${namespace}/pods/${where.pod}/exec`
  const said = `exec ${where.pod} -n ${namespace} -- ${command.join(' ')}`
  try {
    const target = { ...parts.boundary, token, namespace, ...where, command, withinMs: EXEC_WITHIN_MS }
    const { stdout, ok } = await execCommand(target)
    run.tried.push(`${said} → ${ok ? 'ended with 0' : 'failed'}`)
    run.sent.push({ method: 'GET', path, status: 101, auditId: '', decision: 'allow' })
    return stdout.trim() === '' ? [] : [`the command said: ${stdout.trim().slice(0, 200)}`]
  } catch (error) {
    run.tried.push(`${said} → ${(error as Error).message}`)
    run.sent.push({ method: 'GET', path, status: 0, auditId: '', decision: 'deny' })
    return ['exec was not let in: in production namespaces it waits for an approver']
  }
}

function userOf({ text }: Attempt): string {
  const review = parsed(text) as { readonly status?: { readonly userInfo?: { readonly username?: unknown } } } | null
  const name = review?.status?.userInfo?.username
  return typeof name === 'string' ? name : 'nobody'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function notReached({ failure }: Attempt): Finding {
  return {
    severity: 'error',
    what: `the boundary does not answer: ${failure}`,
    why: 'Agents cannot work.',
    mend: 'See that Envoy runs and that LEASEGATE_BOUNDARY_URL and LEASEGATE_BOUNDARY_CA_FILE are its own: leasegate doctor',
  }
}

function refusedByServer(answer: Attempt): Finding {
  return {
    severity: 'error',
    what: `the boundary let ${answer.method} ${answer.target} pass and the API server answered ${answer.status}`,
    why: "The lease grants what the cluster's RBAC does not: the task cannot be done.",
    mend: 'leasegate policy rbac POLICY_FILE --account NAMESPACE/NAME | kubectl apply --server-side -f -',
  }
}

function refusedByBoundary(answer: Attempt): Finding {
  return {
    severity: 'error',
    what: `${show(answer)}, although the lease covers it`,
    why: 'The task cannot be done.',
    mend: 'Read the message with: leasegate explain; then mend the template, or wait for what it names.',
  }
}

function nothingToRead(template: string): Finding {
  return {
    severity: 'error',
    what: `template ${template} lets nothing be listed in its namespace: there is no task to prove anything by`,
    why: 'A proof with next to no requests proves next to nothing.',
    mend: 'Name another template with --template.',
  }
}
