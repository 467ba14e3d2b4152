const { BlockList, isIP } = process.getBuiltinModule('node:net')

type Environment = Readonly<Record<string, string | undefined>>

/** The proxy that the environment names for this https address, as kubectl reads it (golang.org/x/net/http/httpproxy); null: none. */
export function proxyFor(url: string, env: Environment): string | null {
  const { protocol, hostname, port } = new URL(url)
  const proxy = env['HTTPS_PROXY'] || env['https_proxy'] || ''
  if (protocol !== 'https:' || proxy === '') return null
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || isWithin(host, '127.0.0.0/8') || host === '::1') return null
  const exempt = (env['NO_PROXY'] || env['no_proxy'] || '').toLowerCase().split(',')
  const isExempt = exempt.some(entry => covers(entry.trim(), host, port === '' ? '443' : port))
  return isExempt ? null : proxy
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '' || entry === '*') return entry === '*'
  if (entry.includes('/')) return isWithin(host, entry)
  const [, name = entry, ofPort = port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(isIP(entry) === 6 ? '' : entry) ?? []
  if (ofPort !== port) return false
  if (isIP(name) !== 0) return name === host
  // A leading dot, or an asterisk before it: only what lies below.
  const domain = name.startsWith('*.') ? name.slice(1) : name
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

function isWithin(host: string, network: string): boolean {
  const [address = '', length = ''] = network.split('/')
  const family = isIP(host)
  if (family === 0 || family !== isIP(address) || !/^\d{1,3}$/.test(length)) return false
  const type = family === 6 ? 'ipv6' : 'ipv4'
  try {
    const list = new BlockList()
    list.addSubnet(address, Number(length), type)
    return list.check(host, type)
  } catch {
    // A network longer than its addresses is none.
    return false
  }
}
