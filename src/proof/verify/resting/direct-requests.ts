import type { Checked, Finding } from '../../../findings/report.ts'
import { type Attempt, attempt, show } from '../attempt.ts'
import type { Endpoint, VerifyParts } from '../parts.ts'

interface Credential {
  readonly name: string
  readonly token: string | null
}

/** Between tasks: past the boundary and through it, with all that the agent has or had. */
export async function directRequests(
  parts: VerifyParts,
  apiServer: Endpoint | null,
  oldToken: string | null,
): Promise<Checked> {
  const credentials: readonly Credential[] = [
    { name: 'its identity token', token: await parts.agent.identityToken() },
    ...(oldToken === null ? [] : [{ name: 'the token of an ended lease', token: oldToken }]),
    { name: 'no token', token: null },
  ]
  const tried: string[] = []
  const findings: Finding[] = []
  for (const { what, endpoint } of ways(parts, apiServer)) {
    for (const credential of credentials) {
      for (const target of targets(parts.wish.namespace)) {
        const answer = await attempt(endpoint, credential.token, { method: 'GET', target })
        tried.push(`${what} with ${credential.name}: ${show(answer)}`)
        findings.push(...judge(answer, what, credential))
      }
    }
  }
  return {
    name: 'direct-requests',
    title: 'between tasks nothing the agent holds opens the cluster, past the boundary or through it',
    tried,
    seen: [`${tried.length} requests, ${findings.length === 0 ? 'all' : 'not all'} refused`],
    findings: apiServer === null ? [...findings, notTried()] : findings,
  }
}

function ways({ boundary }: VerifyParts, apiServer: Endpoint | null) {
  const through = { what: 'through the boundary', endpoint: boundary }
  return apiServer === null ? [through] : [{ what: 'straight to the API server', endpoint: apiServer }, through]
}

function targets(namespace: string): readonly string[] {
  return ['/api/v1/namespaces?limit=1', `/api/v1/namespaces/${namespace}/pods?limit=1`]
}

function judge(answer: Attempt, what: string, { name, token }: Credential): readonly Finding[] {
  if (answer.status === 0 && answer.failure.includes('certificate')) return [notSeen(answer, what)]
  if (answer.status === 0 || answer.status === 401) return []
  if (answer.status >= 400 && (token === null || what.startsWith('through'))) return []
  if (answer.status === 403) {
    return [
      {
        severity: 'error',
        what: `the API server knows the agent by ${name} (403, where a stranger gets 401)`,
        why: 'Whatever right the identity is given later, it can use past the boundary.',
        mend: "Give the agent tokens of the boundary's audience alone, and take that audience out of the API server's --api-audiences.",
      },
    ]
  }
  return [
    {
      severity: 'critical',
      what: `${what} with ${name}: ${answer.method} ${answer.target} was answered with ${answer.status}`,
      why: 'The agent reaches the cluster without a lease.',
      mend: 'Take the rights away that the checks below name; for rights of everybody, also --anonymous-auth=false on the API server.',
    },
  ]
}

/** We do not send a token to whom we do not know; an agent may be less careful. */
function notSeen({ failure }: Attempt, what: string): Finding {
  return {
    severity: 'unknown',
    what: `${what} could not be tried: ${failure}`,
    why: 'Whether it would be let in is not known.',
    mend: 'Name its CA: in the kubeconfig, or with LEASEGATE_BOUNDARY_CA_FILE.',
  }
}

function notTried(): Finding {
  return {
    severity: 'unknown',
    what: "the API server's own address is not known here, so only the boundary was tried",
    why: 'Access past the boundary would not be seen.',
    mend: "Give a platform engineer's --kubeconfig.",
  }
}
