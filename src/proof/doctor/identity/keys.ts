import { readFile, stat } from 'node:fs/promises'
import type { Finding } from '../../../findings/report.ts'
import { parseSigningKey, parseVerifyKeys } from '../../../identity/keys/keys.ts'
import { shellQuote } from '../../shell-quote.ts'
import type { Examination } from '../examined.ts'

/** Paths of the two sets; null: not known here. */
export interface KeyPaths {
  readonly publicFile: string | null
  readonly signingFile: string | null
}

const [GROUP_READS, GROUP_WRITES, OTHERS] = [0o040, 0o020, 0o007]

/**
 * Whether somebody beside us can read it. A Secret mounted with fsGroup belongs to root and to the pod's own group, which
 * is how the pod reads it at all.
 */
export function isOpen({ mode, uid }: { readonly mode: number; readonly uid: number }, ownUid: number): boolean {
  const mounted = uid === 0 && ownUid !== 0
  return (mode & (mounted ? OTHERS | GROUP_WRITES : OTHERS | GROUP_WRITES | GROUP_READS)) !== 0
}

/** Keys that lease tokens are signed and verified with. */
export async function examineKeys({ publicFile, signingFile }: KeyPaths): Promise<Examination> {
  const known = publicFile === null ? null : await parseVerifyKeys(await readFile(publicFile, 'utf8'))
  const signing = signingFile === null ? null : await parseSigningKey(await readFile(signingFile, 'utf8'))
  const findings: Finding[] = []
  if (known?.kind === 'problem') findings.push(unusable(publicFile ?? '', known.message))
  if (signing?.kind === 'problem') findings.push(unusable(signingFile ?? '', signing.message))
  if (signingFile !== null && isOpen(await stat(signingFile), process.getuid?.() ?? 0)) findings.push(open(signingFile))
  if (known?.kind === 'ok' && signing?.kind === 'ok' && !known.value.has(signing.value.kid)) {
    findings.push(unknownKey(signing.value.kid, publicFile ?? ''))
  }
  const kids = known?.kind === 'ok' ? [...known.value.keys()] : []
  return {
    tried: [publicFile, signingFile].filter(file => file !== null),
    seen: [
      ...(kids.length === 0 ? [] : [`verified with ${kids.join(', ')}`]),
      ...(signing?.kind === 'ok' ? [`signed with ${signing.value.kid}`] : []),
    ],
    findings,
  }
}

function unusable(file: string, problem: string): Finding {
  return {
    severity: 'error',
    what: `${file} is ${problem}`,
    why: 'No lease can be given out, or none verified.',
    mend: 'Put the file back, or make new keys (which ends all leases): leasegate keys init --dir FOLDER',
  }
}

function open(file: string): Finding {
  return {
    severity: 'critical',
    what: `${file} can be read by others than its owner`,
    why: 'Whoever has it can make lease tokens.',
    mend: `chmod 0600 ${shellQuote(file)}`,
  }
}

function unknownKey(kid: string, file: string): Finding {
  return {
    severity: 'error',
    what: `the broker signs with ${kid}, which is not in ${file}`,
    why: 'Every new lease token is refused.',
    mend: `Put the public half of that key into ${file}, before the ones that end.`,
  }
}
