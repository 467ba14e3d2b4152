const TCP = 6
const TCP_USER_TIMEOUT = 18
const TCP_NOTSENT_LOWAT = 25

/** Sockets of clients have these from the one that listens (Linux). */
export function clientSockets(stalledSeconds: number): readonly object[] {
  return [
    // Whoever takes nothing of what waits for it for so long is ended. A stream with nothing to say is not concerned.
    option('TCP_USER_TIMEOUT', TCP_USER_TIMEOUT, stalledSeconds * 1000),
    // What the kernel has not sent yet is lost when a client still talks while its connection is closed; what Envoy has is not.
    option('TCP_NOTSENT_LOWAT', TCP_NOTSENT_LOWAT, 32_768),
  ]
}

function option(description: string, name: number, int_value: number): object {
  return { description, level: TCP, name, int_value, state: 'STATE_LISTENING' }
}
