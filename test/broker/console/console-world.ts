import { randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK } from 'jose'
import { issuerAt, startIdentityProvider } from '../../../local/edition/sign-in/identity-provider.ts'
import { freePort } from '../../../local/process/ports.ts'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { openConsole } from '../../../src/broker/console/open-console.ts'
import type { ConsoleRecord } from '../../../src/broker/console/record/record.ts'
import type { BrokerConfig } from '../../../src/config/roles.ts'
import { generateKeyFiles } from '../../../src/identity/keys/keys.ts'
import { openContract } from '../../../src/identity/signed/contract.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { PARTITIONS } from '../../../src/redis/keys.ts'
import { asking } from '../../lease/a-lease.ts'
import { TestIssuer } from '../../support/issuer.ts'
import { aPolicy } from '../a-policy.ts'
import { TestBroker } from '../test-broker.ts'
import { Browser } from './browser.ts'

export const ORIGIN = 'https://console.test'
export const PASSWORD = 'correct horse'
const PEOPLE = ['hana', 'root', 'grace', 'oncall', 'stranger', 'triage']

/** A broker with a console, an identity provider that people sign in with, and an agent with a lease that asks. */
export class ConsoleWorld {
  readonly broker: TestBroker
  readonly stopProvider: () => Promise<void>
  readonly #ledger: RedisLeaseLedger
  readonly lease: Lease

  private constructor(broker: TestBroker, stopProvider: () => Promise<void>, ledger: RedisLeaseLedger, lease: Lease) {
    this.broker = broker
    this.stopProvider = stopProvider
    this.#ledger = ledger
    this.lease = lease
  }

  /** `record`: what the console is told of it; without one it has no way there. */
  static async start(settings: Partial<BrokerConfig> = {}, record: ConsoleRecord | null = null): Promise<ConsoleWorld> {
    const port = await freePort()
    const people = await TestIssuer.create({ name: 'people', issuer: issuerAt(port) })
    const clientSecret = randomBytes(32).toString('base64url')
    const provider = await startIdentityProvider({
      port,
      key: { ...(await exportJWK(people.key)), kid: 'key-1', alg: 'ES256', use: 'sig' },
      clientSecret,
      redirectUri: `${ORIGIN}/console/signed-in`,
      people: PEOPLE,
      password: PASSWORD,
    })
    const directory = await mkdtemp(join(tmpdir(), 'leasegate-console-'))
    const secretFile = join(directory, 'secret')
    await writeFile(secretFile, clientSecret)
    const config = {
      consoleUrl: ORIGIN,
      consoleIssuer: provider.issuer,
      consoleIssuerCaFile: null,
      consoleClientId: 'leasegate',
      consoleClientSecretFile: secretFile,
      consoleScopes: 'openid profile email',
      consoleSession: 8 * 3_600_000,
      consoleIdle: 3_600_000,
      partitions: PARTITIONS,
      durability: 'everysec',
      journalHighMark: 500_000,
      journalHardLimit: 550_000,
      journalHighBytes: 500_000_000,
      journalHardBytes: 550_000_000,
      ...(await keyFilesIn(directory)),
      ...settings,
    } as BrokerConfig
    const broker = await TestBroker.start(started => consoleOf(started, people, config, record))
    const [lease, ledger] = await aLeaseWithLedger(broker)
    return new ConsoleWorld(broker, provider.stop, ledger, lease)
  }

  browser(): Browser {
    return new Browser(this.broker.socket, ORIGIN)
  }

  async signedIn(name: string): Promise<Browser> {
    const browser = this.browser()
    await browser.signIn(name, PASSWORD)
    return browser
  }

  /** As the authorizer asks when a request wants a human's yes; with the same digest again, it uses the answer. */
  async ask(words: Readonly<Record<string, unknown>> = {}, digest = randomBytes(32).toString('hex')) {
    const question = {
      summary: 'get secrets "db" in shop',
      method: 'GET',
      target: '/api/v1/namespaces/shop/secrets/db',
      contentType: '',
      bodySha256: '',
      bodyBytes: 0,
      bodyPreview: '',
      risk: 'secrets-get',
      agent: this.lease.agent,
      sponsor: 'ada',
      task: 'slow',
      lease: this.lease.id,
      ...words,
    }
    const asked = asking(this.lease, digest, newApprovalId(this.lease.id))
    const intent = { ...asked.intent, question: JSON.stringify(question), askMs: 900_000 } as typeof asked.intent
    return this.#ledger.commit({ ...asked, intent })
  }

  async pending(words: Readonly<Record<string, unknown>> = {}, digest?: string): Promise<string> {
    const committed = await this.ask(words, digest)
    if (committed.kind !== 'pending') throw new Error(`asked, and got ${committed.kind}`)
    return committed.approval
  }

  async stop(): Promise<void> {
    await this.broker.stop()
    await this.stopProvider()
  }
}

/** For the doctor to look at; the broker of a test has its keys in memory. */
async function keyFilesIn(directory: string) {
  const files = await generateKeyFiles()
  const [publicKeysFile, signingKeysFile] = [join(directory, 'public'), join(directory, 'signing')]
  await writeFile(publicKeysFile, files.verify)
  await writeFile(signingKeysFile, files.signing, { mode: 0o600 })
  return { publicKeysFile, signingKeysFile }
}

/** People sign in at an issuer of their own; agents keep theirs. */
function consoleOf(broker: TestBroker, people: TestIssuer, config: BrokerConfig, record: ConsoleRecord | null) {
  const policy = aPolicy(broker.corp.issuer)
  broker.policy = {
    ...policy,
    issuers: [...policy.issuers, people.issuer],
    people: policy.people.map(person => ({
      ...person,
      match: { issuer: 'people', claims: { sub: person.name } },
      alsoKnownAs: [person.name],
    })),
    agents: policy.agents.map(agent =>
      agent.name === 'triage'
        ? {
            ...agent,
            match: { issuer: 'people', claims: { sub: 'triage' } },
            sponsor: { kind: 'fixed' as const, name: 'ada' },
          }
        : agent,
    ),
  }
  const console = openConsole(config, {
    signing: { current: broker.keys.signing },
    verify: { current: broker.keys.verify },
    policy: { current: () => broker.policy },
    link: broker.link,
    record,
    log: broker.log,
    clock: () => Date.now() + broker.aheadMs,
  })
  return console
}

async function aLeaseWithLedger(broker: TestBroker): Promise<readonly [Lease, RedisLeaseLedger]> {
  const wish = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
  const made = await broker.as('web-operator', 'POST', '/v1/leases', wish)
  const record = await new RedisLeaseStore(broker.link).find(made.body.id, Date.now())
  const verifyAnswer = answerVerifier({ keys: () => broker.keys.verify, useMs: 300_000, isApprover: () => true })
  const lease = await openContract(record?.contract ?? '', broker.keys.verify)
  if (lease === null) throw new Error('no lease')
  return [lease, new RedisLeaseLedger(broker.link, { verifyAnswer })]
}
