import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that take longest on two idle cores, the longest first. */
export const LONGEST: readonly string[] = [
  // Of e2e, which come before all others.
  'test/e2e/story.test.ts',
  'test/e2e/tasks.test.ts',
  'test/e2e/ends.test.ts',
  'test/e2e/own-cluster.test.ts',
  'test/e2e/invariants/invariants.test.ts',
  'test/e2e/own-leases/own-leases.test.ts',
  'test/e2e/one-lease/one-lease.test.ts',
  'test/e2e/sessions-watched.test.ts',
  'test/e2e/console.test.ts',
  'test/e2e/record/record-crashes.test.ts',
  'test/e2e/record/record.test.ts',
  // The others.
  'test/clients/matrix/matrix.test.ts',
  'test/clients/day/day.test.ts',
  'test/local/edition/watched-role.test.ts',
  'test/helm/cluster/releases.test.ts',
  'test/helm/cluster/objects.test.ts',
  'test/clients/agents.test.ts',
  'test/clients/storys-names.test.ts',
  'test/clients/go/client-go.test.ts',
  'test/image/image.test.ts',
  'test/helm/story/story.test.ts',
  'test/cli/mcp/http.test.ts',
  'test/clients/plan.test.ts',
  'test/upstream/upstream.test.ts',
  'test/clients/everything-leased.test.ts',
  'test/proof/one-cluster.test.ts',
  'test/proof/verify/verify.test.ts',
  'test/broker/console/chromium.test.ts',
  'test/clients/helm/helm.test.ts',
  'test/cli/mcp/mcp.test.ts',
  'test/redis/store-look.test.ts',
  'test/proof/doctor/doctor.test.ts',
  'test/clients/hints.test.ts',
  'test/local/own-cluster/mistakes.test.ts',
  'test/helm/chart/scenarios.test.ts',
  'test/cli/lease/lease.test.ts',
  'test/clients/goaway.test.ts',
  'test/broker/fuzz/fuzz-api.test.ts',
  'test/cli/login/login.test.ts',
  'test/envoy/slow-readers.test.ts',
  'test/broker/notices/receivers.test.ts',
  'test/clients/cbor.test.ts',
  'test/record/queries/views.test.ts',
  'test/tap/ledger.test.ts',
  'test/policy/admission/in-force.test.ts',
  'test/lease/history/history.test.ts',
]

/** What starts clusters or builds images. */
const SLOW = [
  'test/clients/',
  'test/helm/cluster/',
  'test/helm/story/',
  'test/image/',
  'test/proof/',
  'test/upstream/',
  'test/fuzz/',
]

/**
 * A file of a minute that begins last is a minute of one worker, which all others wait for. vitest knows how long a file took from the run
 * before alone, which a new checkout has not had: it would go by size, and what only imports its tests is small.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = (await super.sort(files)).map(file => ({ file, group: groupOf(file), place: placeOf(file) }))
    return sorted.sort((a, b) => a.group - b.group || a.place - b.place).map(({ file }) => file)
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder ?? 0
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex(file => moduleId.endsWith(`/${file}`))
  if (place !== -1) return place
  return LONGEST.length + (SLOW.some(folder => moduleId.includes(`/${folder}`)) ? 0 : 1)
}
