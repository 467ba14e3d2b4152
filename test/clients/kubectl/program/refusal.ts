interface Status {
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly details?: { readonly causes?: readonly { readonly reason?: string }[] }
}

/** With this, kubectl prints the Status it was answered with. */
export const EXPLAINED = '-v=4'
const STATUS = /server response object:[^{]*(\{.*?^\})/ms

/** What a person can read of a refusal. */
export function refusal(stderr: string) {
  const { code, reason, message, details }: Status = JSON.parse(STATUS.exec(stderr)?.[1] ?? '{}')
  return {
    status: code ?? null,
    reason: reason ?? null,
    message: message ?? stderr,
    causes: (details?.causes ?? []).map(cause => cause.reason),
  }
}
