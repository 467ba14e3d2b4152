/** Aborted by the first SIGTERM or SIGINT; a second one ends the process the usual way. */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController()
  const stop = (): void => {
    process.off('SIGTERM', stop)
    process.off('SIGINT', stop)
    stopping.abort()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return stopping.signal
}

/** Resolves once the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  return promise
}
