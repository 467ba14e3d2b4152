/** What the status of a session says: the exit code of its command, or why there is none. */
export interface Ending {
  readonly exitCode: number | null
  readonly message: string
}

/** Null: the status is none (yet). Servers before the fourth version send a text, and only where something went wrong. */
export function parseEnding(status: string): Ending | null {
  if (status === '') return null
  const parsed = parseStatus(status)
  if (parsed === null) return { exitCode: null, message: status }
  if (parsed.status === 'Success') return { exitCode: 0, message: '' }
  const cause = parsed.details?.causes?.find(({ reason }) => reason === 'ExitCode')
  const exitCode = /^\d{1,10}$/.test(cause?.message ?? '') ? Number(cause?.message) : null
  return { exitCode, message: parsed.message ?? '' }
}

interface Status {
  readonly status?: string
  readonly message?: string
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] }
}

function parseStatus(text: string): Status | null {
  try {
    const status: unknown = JSON.parse(text)
    return typeof status === 'object' && status !== null && 'status' in status ? (status as Status) : null
  } catch {
    return null
  }
}
