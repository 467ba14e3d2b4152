// Usage: node main.ts TASK KUBECONFIG NAMESPACE PREFIX DEPLOYMENT
import { setTimeout as pause } from 'node:timers/promises'
import { At } from './at.ts'
import { READING } from './reading.ts'
import { refusal, say } from './say.ts'
import { STREAMS } from './streams.ts'
import { WRITING } from './writing.ts'

async function check(at: At): Promise<void> {
  for (const [capability, use] of Object.entries({ ...READING, ...WRITING, ...STREAMS })) {
    try {
      say('did', { capability, saw: await use(at) })
    } catch (error) {
      console.error(error)
      say('failed', { capability, error: refusal(error) })
    }
  }
}

/** One watch for as long as it lasts. */
async function follow(at: At): Promise<void> {
  const { namespace, prefix } = at
  const labelSelector = `followed=${prefix}`
  const { metadata } = await at.core.listNamespacedConfigMap({ namespace, labelSelector })
  const cut = Promise.withResolvers<unknown>()
  await at.watch.watch(
    `/api/v1/namespaces/${namespace}/configmaps`,
    { labelSelector, resourceVersion: metadata?.resourceVersion, timeoutSeconds: 600 },
    (type, object) => say('event', { type, name: object.metadata?.name }),
    cut.resolve,
  )
  say('watching')
  say('cut', { error: String(await cut.promise) })
  await at.core.listNamespacedConfigMap({ namespace }).catch(error => say('refused', { error: refusal(error) }))
}

async function refused(at: At): Promise<void> {
  const listing = at.core.listNamespacedConfigMap({ namespace: at.prefix })
  await listing.catch(error => say('refused', { error: refusal(error) }))
}

/** As a patient program does: 429 says when to come again. */
async function approved(at: At): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    try {
      const secret = await at.core.readNamespacedSecret({ name: at.prefix, namespace: at.namespace })
      return say('read', { keys: Object.keys(secret.data ?? {}) })
    } catch (error) {
      const seen = refusal(error)
      if (seen.status !== 429) throw error
      say('waiting', { error: seen })
      await pause(1000)
    }
  }
}

// An abort comes out of the library's own streams, where nobody can catch it.
process.on('uncaughtException', error => console.error(error))

const [task = '', kubeconfig = '', namespace = '', prefix = '', deployment = ''] = process.argv.slice(2)
const tasks: Readonly<Record<string, (at: At) => Promise<void>>> = { check, follow, refused, approved }
await tasks[task]?.(new At(kubeconfig, namespace, prefix, deployment))
process.exit()
