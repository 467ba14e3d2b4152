import { readFile } from 'node:fs/promises'
import type { Problem } from '../file/issues/positions.ts'
import type { Policy } from '../policy.ts'
import { describeProblems, parsePolicy } from './policy-file.ts'

/** The policy that holds now. */
export interface PolicySource {
  current(): Policy
}

/** The policy file cannot be used. `problems` is empty when it could not even be read. */
export class PolicyFileError extends Error {
  readonly code: 'unreadable' | 'invalid'
  readonly problems: readonly Problem[]

  constructor(code: 'unreadable' | 'invalid', message: string, problems: readonly Problem[], cause?: unknown) {
    super(message, { cause })
    this.name = 'PolicyFileError'
    this.code = code
    this.problems = problems
  }
}

export interface PolicyFileOptions {
  readonly file: string
  /** Where this process runs in the cluster, if it knows; the policy then holds with it, and may not name another one. */
  readonly boundaryNamespace?: string | null
  /** The file changed and cannot be used; the last good policy goes on. Called once for each such state of the file. */
  readonly onProblem: (error: PolicyFileError) => void
  readonly onChange?: (policy: Policy) => void
  readonly pollMs?: number
}

/** Reads the file once. Throws PolicyFileError with all that is wrong in it. */
export async function loadPolicy(file: string): Promise<Policy> {
  return parseOrThrow(await readText(file), file)
}

/**
 * The policy of a file, read again whenever its bytes change. It reads instead of watching: a ConfigMap is swapped by a symbolic link
 * two folders up, and editors replace files, both of which file watchers miss.
 */
export class PolicyFile implements PolicySource {
  readonly #options: PolicyFileOptions
  #policy: Policy
  /** Text of the last state that was looked at, good or not; null while the file cannot be read. */
  #seen: string | null
  #timer: NodeJS.Timeout | null = null

  private constructor(options: PolicyFileOptions, text: string, policy: Policy) {
    this.#options = options
    this.#seen = text
    this.#policy = policy
  }

  /** Rejects with PolicyFileError when there is no good policy to begin with. */
  static async open(options: PolicyFileOptions): Promise<PolicyFile> {
    const text = await readText(options.file)
    const source = new PolicyFile(options, text, inNamespace(parseOrThrow(text, options.file), options))
    source.#schedule()
    return source
  }

  current(): Policy {
    return this.#policy
  }

  /** Looks at the file now. */
  async reload(): Promise<void> {
    const { file, onProblem, onChange } = this.#options
    let seen: string | null = null
    try {
      seen = await readText(file)
      if (seen === this.#seen) return
      const policy = inNamespace(parseOrThrow(seen, file), this.#options)
      if (policy.revision === this.#policy.revision) return
      this.#policy = policy
      onChange?.(policy)
    } catch (error) {
      if (!(error instanceof PolicyFileError)) throw error
      if (seen !== this.#seen) onProblem(error)
    } finally {
      this.#seen = seen
    }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #schedule(): void {
    const again = () => {
      if (this.#timer !== null) this.#schedule()
    }
    this.#timer = setTimeout(() => void this.reload().finally(again), this.#options.pollMs ?? 500)
    this.#timer.unref()
  }
}

async function readText(file: string): Promise<string> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (cause) {
    throw new PolicyFileError('unreadable', `cannot read the policy file ${file}`, [], cause)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new PolicyFileError('unreadable', `the policy file ${file} is not UTF-8`, [], cause)
  }
}

function parseOrThrow(text: string, file: string): Policy {
  const parsed = parsePolicy(text, file)
  if (parsed.kind === 'policy') return parsed.policy
  const message = `the policy file cannot be used:\n${describeProblems(parsed.problems, file)}`
  throw new PolicyFileError('invalid', message, parsed.problems)
}

/** Without this a typing mistake in the file would put the boundary's own keys within agents' reach. */
function inNamespace(policy: Policy, { file, boundaryNamespace = null }: PolicyFileOptions): Policy {
  if (boundaryNamespace === null || policy.boundaryNamespace === boundaryNamespace) return policy
  if (policy.boundaryNamespace === '') return { ...policy, boundaryNamespace }
  const message =
    `${file}: boundaryNamespace is "${policy.boundaryNamespace}", but the boundary runs in "${boundaryNamespace}" ` +
    '(LEASEGATE_BOUNDARY_NAMESPACE): leave it out, or name that one'
  throw new PolicyFileError('invalid', message, [])
}
