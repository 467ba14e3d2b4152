import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../local/process/ports.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { goTools } from '../../../local/toolchain/go-tools.ts'

/** The day of its commit: the module has no versions. */
const WITNESS = 'witness-20260720'

export interface TestWitness extends AsyncDisposable {
  /** A line of a policy, under this name. */
  readonly line: string
  /** Tells it of the logs that it may sign for. */
  knows(...verifierKeys: readonly string[]): Promise<void>
}

/** Keys of a witness, as those who run them write them. */
export function witnessKeys(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = (key: typeof privateKey, part: 'd' | 'x') =>
    Buffer.concat([Buffer.from([4]), Buffer.from(key.export({ format: 'jwk' })[part] ?? '', 'base64url')])
  const [seed, point] = [raw(privateKey, 'd'), raw(publicKey, 'x')]
  const id = createHash('sha256').update(`${name}\n`).update(point).digest('hex').slice(0, 8)
  return {
    privateKey,
    signer: `PRIVATE+KEY+${name}+${id}+${seed.toString('base64')}`,
    verifier: `${name}+${id}+${point.toString('base64')}`,
  }
}

/** A real witness on loopback, that has seen nothing and knows nobody. */
export async function startWitness(name: string): Promise<TestWitness> {
  const folder = await mkdtemp(join(tmpdir(), 'leasegate-witness-'))
  const logs = join(folder, 'logs')
  await writeFile(logs, '')
  const keys = witnessKeys(`witness.example/${name}`)
  const address = `127.0.0.1:${await freePort()}`
  const supervisor = new Supervisor()
  await supervisor.start({
    name: 'witness',
    command: await program(),
    args: [address, logs],
    env: { WITNESS_KEY: keys.signer },
    logFile: join(folder, 'witness.log'),
    isReady: async () => (await fetch(`http://${address}/healthz`).catch(() => null))?.ok ?? false,
  })
  return {
    line: `witness ${name} ${keys.verifier} http://${address}/`,
    knows: (...verifierKeys) => writeFile(logs, verifierKeys.map(key => `${key}\n`).join('')),
    [Symbol.asyncDispose]: async () => {
      await supervisor.stop()
      await rm(folder, { recursive: true })
    },
  }
}

async function program(): Promise<string> {
  const module = join(import.meta.dirname, 'server')
  const folder = await goTools({ name: WITNESS, module, programs: { witness: '.' }, report: line => console.log(line) })
  return join(folder, 'witness')
}
