import { cel } from '../cel.ts'
import { wordsOf } from '../leased.ts'
import { refuse, type Validation, type Variable } from '../objects.ts'
import { IMAGES_KEY } from '../parameters.ts'

export const IMAGES: readonly Variable[] = [
  { name: 'images', expression: wordsOf(`variables.template + "${IMAGES_KEY}"`) },
  {
    name: 'imagesBefore',
    expression: cel`
      variables.before.map(pod, (pod.spec.?containers.orValue([]) + pod.spec.?initContainers.orValue([])
        + pod.spec.?ephemeralContainers.orValue([])).map(container, ${named('container')}))`,
  },
]

/** What a container had before it may keep, while another one gets a new image. */
export const FROM_THERE: readonly Validation[] = [
  refuse(
    cel`
      variables.images == [""] || variables.containers.all(list, list.all(container,
        variables.imagesBefore.exists(old, ${named('container')} in old)
        || ${isAmong('container.?image.orValue("")')}))`,
    'leased identities make or change no containers of this image: it is not among the images of the task template',
  ),
  refuse(
    cel`
      variables.images == [""] || variables.volumes.all(list, list.all(volume, volume.?image.?reference.orValue("") == ""
        || variables.before.exists(old, volume in old.spec.?volumes.orValue([]))
        || ${isAmong('volume.image.reference')}))`,
    'leased identities mount no image that is not among the images of the task template',
  ),
]

function named(container: string): string {
  return `${container}.?name.orValue("") + "=" + ${container}.?image.orValue("")`
}

function isAmong(image: string): string {
  return cel`
    variables.images.exists(one, one.endsWith("*") ? ${image}.startsWith(one.substring(0, one.size() - 1)) : ${image} == one)`
}
