import type { Draft } from '../draft.ts'
import type { ClusterView } from '../look/cluster-view.ts'
import { textAt } from '../look/json.ts'

/** Each is a call of its own. */
const MOST_VOLUMES = 20

/** What becomes of the data behind claims that are deleted. */
export async function volumesOf(
  view: ClusterView,
  claims: readonly unknown[],
): Promise<Pick<Draft, 'affected' | 'notes'>> {
  const bound = claims.filter(claim => textAt(claim, 'spec', 'volumeName') !== '')
  const looked = await Promise.all(
    bound.slice(0, MOST_VOLUMES).map(async claim => {
      const name = textAt(claim, 'spec', 'volumeName')
      const volume = await view.get(`/api/v1/persistentvolumes/${encodeURIComponent(name)}`)
      const policy = volume.kind === 'found' ? textAt(volume.value, 'spec', 'persistentVolumeReclaimPolicy') : ''
      return { claim: textAt(claim, 'metadata', 'name'), name, policy }
    }),
  )
  const lost = looked.filter(({ policy }) => policy === 'Delete' || policy === 'Recycle').length
  const unknown = looked.filter(({ policy }) => RECLAIMS[policy] === undefined).length
  return {
    affected: looked.map(({ claim, name, policy }) => ({
      kind: 'PersistentVolume',
      namespace: '',
      name,
      detail: `of claim ${claim}, ${RECLAIMS[policy] ?? 'what becomes of it is not known'}`,
    })),
    notes: [
      ...(lost === 0 ? [] : [`the data of ${lost} volumes is deleted with it`]),
      ...(unknown === 0 ? [] : [`what becomes of the data of ${unknown} volumes is not known`]),
      ...(bound.length > MOST_VOLUMES ? [`${bound.length - MOST_VOLUMES} more volumes were not looked at`] : []),
    ],
  }
}

const RECLAIMS: Readonly<Record<string, string>> = {
  Delete: 'reclaim policy Delete: its data goes',
  Retain: 'reclaim policy Retain: its data stays',
  Recycle: 'reclaim policy Recycle: its data goes',
}
