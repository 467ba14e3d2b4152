import type { Config } from '../config/read-config.ts'
import { SETTINGS } from '../config/settings.ts'
import type { Logger } from '../support/logger.ts'
import type { Guard } from './guarded-server.ts'
import { type CertificateFiles, HeldCertificate } from './held-certificate.ts'

const KEYS = ['tlsCertFile', 'tlsKeyFile', 'tlsClientCaFile'] as const

type TlsConfig = Config<(typeof KEYS)[number] | 'tlsClientName'>

const SAY_EVERY_MS = 10_000

/** Null without any of the files. Rejects when some are missing or cannot be used. */
export async function openGuard(config: TlsConfig, log: Pick<Logger, 'warn' | 'error'>): Promise<Guard | null> {
  const missing = KEYS.filter(key => config[key] === null).map(key => SETTINGS[key].env)
  if (missing.length === KEYS.length) return null
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile } = config
  if (tlsCertFile === null || tlsKeyFile === null || tlsClientCaFile === null) {
    throw new Error(
      `${missing.join(' and ')} must be set too: certificate, key and the authority of clients go together`,
    )
  }
  const files: CertificateFiles = { certFile: tlsCertFile, keyFile: tlsKeyFile, clientCaFile: tlsClientCaFile }
  const held = await HeldCertificate.open({
    files,
    onProblem: problem => log.error({ problem }, 'the certificate files cannot be used; what was read before stays'),
  })
  return { held, clientName: config.tlsClientName, onRefused: sayNowAndThen(log) }
}

/** Whoever can connect can be refused, as often as they like: the log must not fill with it. */
function sayNowAndThen(log: Pick<Logger, 'warn'>): (why: string) => void {
  let refused = 0
  let saidAt = Number.NEGATIVE_INFINITY
  return why => {
    refused += 1
    if (performance.now() - saidAt < SAY_EVERY_MS) return
    log.warn({ refused, why }, 'connections refused')
    saidAt = performance.now()
    refused = 0
  }
}
