import type { Decision } from '../../src/authorizer/decision.ts'
import { partitionOf } from '../../src/lease/lease-id.ts'
import { partitionPrefix } from '../../src/redis/keys.ts'
import type { BatchWorld, Planned } from './batches/a-batch-world.ts'

export const keyOf = (id: string) => `${partitionPrefix(partitionOf(id))}approval:${id}`

/** Holds every right on the store of this world. */
export function storeWriter(world: () => BatchWorld) {
  const hack = (...[name, ...args]: [string, ...(string | number)[]]) =>
    world().broker.link.ask(name, redis => redis.call(name, ...args))
  const field = async (id: string, name: string) => String(await hack('HGET', keyOf(id), name))
  return {
    hack,
    field,
    /** Fields of one approval, as the store has them, for another. */
    copied: async (from: string, to: string, names: readonly string[]) => {
      for (const name of names) await hack('HSET', keyOf(to), name, await field(from, name))
    },
  }
}

/** Several requests that wait for one answer. */
export async function askedTogether(world: BatchWorld, lease: string, requests: readonly Planned[]) {
  const { body } = await world.plan(lease, requests)
  const { requests: members } = await world.show(body.approval)
  return { id: body.approval as string, members: members.map(({ id }: { id: string }) => id) as string[] }
}

export function approvalOf(decision: Decision): string {
  return decision.kind === 'deny' ? (decision.approval ?? '') : ''
}
