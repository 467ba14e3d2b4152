import type { Adapter, AdapterPayload } from 'oidc-provider'

const kept = new Map<string, AdapterPayload>()

/** What the identity provider remembers, for as long as it runs. */
export class MemoryAdapter implements Adapter {
  readonly #model: string

  constructor(model: string) {
    this.#model = model
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    kept.set(this.#key(id), payload)
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return kept.get(this.#key(id))
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#first(payload => payload.uid === uid)
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#first(payload => payload.userCode === userCode)
  }

  async consume(id: string): Promise<void> {
    const payload = kept.get(this.#key(id))
    if (payload !== undefined) payload['consumed'] = Math.floor(Date.now() / 1000)
  }

  async destroy(id: string): Promise<void> {
    kept.delete(this.#key(id))
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of kept) if (payload.grantId === grantId) kept.delete(key)
  }

  #first(fits: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    return [...kept].find(([key, payload]) => key.startsWith(`${this.#model}:`) && fits(payload))?.[1]
  }

  #key(id: string): string {
    return `${this.#model}:${id}`
  }
}
