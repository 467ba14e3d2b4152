import type { Node } from '../../../local/node/node.ts'
import { containerOf, processesOf, startsAgain, statusOf } from './parts.ts'

/** How much more than now the container may use. */
const MORE_BYTES = 8 * 2 ** 20

/**
 * Takes the limit of the first process down to what it uses, and then uses more: the kernel ends the biggest process, which is the
 * container's own. Both versions of cgroups.
 */
const EXHAUST = `
set -e
if test -e /sys/fs/cgroup/cgroup.controllers
then in=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/$0/cgroup); limit=memory.max; used=memory.current
else in=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/$0/cgroup); limit=memory.limit_in_bytes; used=memory.usage_in_bytes
fi
echo $$ > $in/cgroup.procs
echo $(($(cat $in/$used) + ${MORE_BYTES})) > $in/$limit
head -c 1G /dev/zero | tail -c 1G > /dev/null || true
`

/** The container needs more memory than it may have. */
export async function exhaustMemory(node: Node, name: string): Promise<void> {
  const container = await containerOf(node, name)
  await startsAgain(node, container, async () => {
    const [first = ''] = await processesOf(node, container)
    // What uses the memory may be ended as well.
    await node.place.run('sh', ['-c', EXHAUST, first])
  })
  const reason = await statusOf(node, container, 'lastState.terminated.reason')
  if (reason !== 'OOMKilled') throw new Error(`${name} ended as ${reason}`)
}
