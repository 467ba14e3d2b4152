import { writeSync } from 'node:fs'

/** A JSON object a line for the test. */
export function say(says: string, more: object = {}): void {
  writeSync(1, `${JSON.stringify({ says, ...more })}\n`)
}

interface Status {
  readonly reason?: string
  readonly message?: string
  readonly details?: { readonly causes?: readonly { readonly reason?: string }[] }
}

/** What a program can read of a refusal: the API server's Status. */
export function refusal(error: unknown) {
  const { code = null, body } = error as { readonly code?: number; readonly body?: unknown }
  const status = toStatus(body)
  return {
    status: code,
    reason: status.reason ?? null,
    message: status.message ?? String(error),
    causes: (status.details?.causes ?? []).map(({ reason }) => reason),
  }
}

function toStatus(body: unknown): Status {
  if (typeof body !== 'string') return (body ?? {}) as Status
  try {
    return JSON.parse(body) as Status
  } catch {
    return {}
  }
}
