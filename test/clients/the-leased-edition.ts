import { afterAll, beforeAll } from 'vitest'
import type { TestEdition } from '../e2e/an-edition.ts'
import { aClientsEdition, type ExtraTemplate } from './a-clients-edition.ts'

/** One for all that `everything-leased.test.ts` has. */
export let playing: TestEdition

const EVERYTHING = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }

function templates(app: string): readonly ExtraTemplate[] {
  return [
    { name: 'operate', namespaces: [app], rules: [EVERYTHING], maxTtl: '30m', maxLeases: 5 },
    { name: 'operate-anywhere', namespaces: ['*'], rules: [EVERYTHING], maxTtl: '30m', maxLeases: 3 },
    ...['clear', 'clear-as-well'].map(name => ({
      name,
      namespaces: [app],
      rules: [
        {
          verbs: ['get', 'list', 'watch', 'delete'],
          apiGroups: [''],
          resources: ['configmaps'],
          resourceNames: ['twice'],
        },
      ],
      maxTtl: '30m',
    })),
    {
      name: 'look-inside',
      namespaces: [app],
      rules: [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] },
        { verbs: ['create'], apiGroups: [''], resources: ['pods/exec'], commands: [['df', '-h']] },
      ],
      maxTtl: '30m',
    },
  ]
}

beforeAll(async () => {
  playing = await aClientsEdition(templates)
}, 600_000)
afterAll(() => playing?.stop())
