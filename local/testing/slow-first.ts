import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that take longest on two idle cores, the longest first. */
export const LONGEST: readonly string[] = [
  // Of e2e, which come before all others.
  'test/e2e/own-cluster.test.ts',
  'test/e2e/tasks.test.ts',
  'test/e2e/ends.test.ts',
  'test/e2e/story.test.ts',
  'test/e2e/invariants/invariants.test.ts',
  'test/e2e/sessions-watched.test.ts',
  'test/e2e/sessions-timed.test.ts',
  'test/e2e/console.test.ts',
  'test/e2e/own-leases/own-leases.test.ts',
  'test/e2e/record/record-crashes.test.ts',
  'test/e2e/one-lease/one-lease.test.ts',
  'test/e2e/record/record.test.ts',
  'test/e2e/client-certificates.test.ts',
  'test/e2e/risk-rules.test.ts',
  // The others.
  'test/helm/cluster/releases.test.ts',
  'test/helm/cluster/objects.test.ts',
  'test/clients/matrix/matrix.test.ts',
  'test/clients/agents.test.ts',
  'test/fuzz/linear.test.ts',
  'test/clients/day/day.test.ts',
  'test/clients/everything-leased.test.ts',
  'test/proof/one-cluster.test.ts',
  'test/upstream/upstream.test.ts',
  'test/proof/verify/verify.test.ts',
  'test/broker/console/chromium.test.ts',
  'test/image/image.test.ts',
  'test/clients/storys-names.test.ts',
  'test/clients/go/client-go.test.ts',
  'test/cli/mcp/http.test.ts',
  'test/helm/story/story.test.ts',
  'test/redis/cluster/cluster.test.ts',
  'test/local/own-cluster/mistakes.test.ts',
  'test/cli/mcp/mcp.test.ts',
  'test/redis/sentinel/sentinel.test.ts',
  'test/redis/store-look.test.ts',
  'test/clients/plan.test.ts',
  'test/clients/helm/helm.test.ts',
  'test/helm/chart/scenarios.test.ts',
  'test/cli/lease/lease.test.ts',
  'test/cli/lease/given-by-people.test.ts',
  'test/tap/ledger.test.ts',
  'test/cli/login/login.test.ts',
  'test/clients/hints.test.ts',
  'test/redis/cluster/tls.test.ts',
  'test/clients/goaway.test.ts',
  'test/clients/matrix/retries.test.ts',
  'test/envoy/slow-readers.test.ts',
  'test/record/queries/views.test.ts',
  'test/broker/fuzz/fuzz-api.test.ts',
  'test/proof/doctor/doctor.test.ts',
  'test/clients/cbor.test.ts',
  'test/broker/notices/receivers.test.ts',
  'test/attacks/connections.test.ts',
  'test/policy/admission/in-force.test.ts',
  'test/session/reading/hostile-output.test.ts',
  'test/session/store/sealed/tampering.test.ts',
  'test/cli/run.test.ts',
  'test/cli/why/why.test.ts',
  'test/identity/token-review.test.ts',
  'test/local/edition/watched-role.test.ts',
  'test/identity/issuer-keys/issuer-keys.test.ts',
  'test/cli/token-cache/credential.test.ts',
  'test/attacks/uploads.test.ts',
  'test/authorizer/killed.test.ts',
  'test/local/bootstrap.test.ts',
  'test/record/audit/verify-record.test.ts',
  'test/helm/monitoring/first-words.test.ts',
  'test/authorizer/cost.test.ts',
  'test/attacks/floods.test.ts',
  'test/attacks/pods.test.ts',
  'test/local/cluster/cluster.test.ts',
  'test/attacks/upgrades.test.ts',
  'test/record/ledger/ledger.test.ts',
  'test/broker/notices/stages.test.ts',
  'test/cli/login/kept.test.ts',
  'test/broker/notices/ways/email.test.ts',
  'test/record/reconcile/audit-webhook.test.ts',
  'test/session/timed-streams-redis.test.ts',
  'test/cli/sessions/live.test.ts',
  'test/record/access/access.test.ts',
  'test/record/audit/second-place.test.ts',
  'test/redis/store-watch.test.ts',
  'test/lease/history/history.test.ts',
  'test/approval/plan/plan.test.ts',
  'test/envoy/ends/envoy-gone.test.ts',
  'test/record/views/views.test.ts',
  'test/helm/chart/mistakes.test.ts',
  'test/record/audit/prune.test.ts',
  'test/envoy/outcomes/outcomes.test.ts',
  'test/policy/replay/replay.test.ts',
  'test/policy/risk/running-cluster.test.ts',
  'test/local/release/client-package.test.ts',
  'test/cli/lease/stop.test.ts',
  'test/session/store/follow.test.ts',
  'test/envoy/outcomes/tap-leaves.test.ts',
  'test/cli/sessions/watch-shown.test.ts',
  'test/cli/record/audit.test.ts',
  'test/certificates/setup.test.ts',
  'test/helm/monitoring/engine.test.ts',
  'test/cli/contexts.test.ts',
  'test/companion/drain.test.ts',
  'test/envoy/fail-closed.test.ts',
]

/** The environment variable by which they are left out. */
export const SHORT = 'TEST_SHORT'

/** What starts clusters, builds images, or tries the same very often. */
export const SLOW: readonly string[] = [
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
