/** Host and port. */
export interface Address {
  readonly host: string
  readonly port: number
}

export function nameOf({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Null for what is none: servers say where others are, and are not believed just because something stands in its place. */
export function toAddress(host: string | undefined, port: string | undefined): Address | null {
  const isAddress = /^[\w.:-]{1,255}$/.test(host ?? '') && /^[1-9]\d{0,4}$/.test(port ?? '') && Number(port) <= 65_535
  return isAddress && host !== undefined ? { host, port: Number(port) } : null
}
