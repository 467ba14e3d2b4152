import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface LedgerFolder extends AsyncDisposable {
  readonly directory: string
  readonly keyFile: string
  readonly key: KeyObject
  readonly publicKey: KeyObject
}

/** A folder for ledgers, and a key to sign them with. */
export async function makeLedgerFolder(): Promise<LedgerFolder> {
  const root = await mkdtemp(join(tmpdir(), 'leasegate-ledger-'))
  const keyFile = join(root, 'ledger.key.pem')
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  await writeFile(keyFile, pem, { mode: 0o600 })
  return {
    directory: join(root, 'ledgers'),
    keyFile,
    key: createPrivateKey(pem),
    publicKey: createPublicKey(privateKey),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
}
