import { MARKS, STORE } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import type { Patient } from '../../proof/doctor/doctor.ts'
import { RedisJournalReader } from '../../record/journal/redis/redis-journal-reader.ts'
import { connectRedis } from '../../redis/connect/connect-redis.ts'
import { toPatientRedisSettings } from '../../redis/connect/redis-settings.ts'
import { readStore } from '../../redis/store/read-store.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'

export type OpenStore = NonNullable<Patient['store']> & { readonly close: () => void }

const CONNECT_MS = 3000
const QUIET = { info: () => undefined, warn: () => undefined }

/** The store of the settings. Whoever opens it closes it. */
export async function openStore(terminal: Terminal): Promise<OpenStore> {
  const config = settings(terminal, [...STORE, ...MARKS])
  const link = connectRedis(toPatientRedisSettings(config), QUIET)
  const ready = async () => {
    if (await link.whenReady(CONNECT_MS)) return
    throw new Error(`nobody answers at ${SETTINGS.redisUrl.env}${link.problem === null ? '' : `: ${link.problem}`}`)
  }
  const reader = new RedisJournalReader(link, { consumer: 'doctor', partitions: config.partitions })
  return {
    read: async () => {
      await ready()
      return readStore(link, Date.now)
    },
    lag: async () => {
      await ready()
      return reader.lag()
    },
    durability: config.durability,
    replicas: config.redisReplicas,
    marks: {
      high: config.journalHighMark,
      hard: config.journalHardLimit,
      highBytes: config.journalHighBytes,
      hardBytes: config.journalHardBytes,
    },
    close: () => {
      reader.close()
      link.close()
    },
  }
}
