import type { CommandHelp } from './command-help.ts'

const HERE = { refused: null, unavailable: null } as const
const RECORD = { refused: null, unavailable: 'the record did not answer' } as const
const LETTERS = { refused: 'there is no such letter', unavailable: 'the store did not answer' } as const
const SESSIONS = {
  refused: 'there is no such recording, or it cannot be read',
  unavailable: 'the record did not answer',
} as const
const FINDINGS = { done: 'no finding', refused: 'there are findings' } as const
const CHANGES = { refused: 'nothing was changed', unavailable: 'the record did not answer' } as const
const PROCESS = { done: 'it was asked to stop', refused: null, usage: 'it cannot start', unavailable: null } as const

/** Of the platform team and of analysts, and the parts of an installation; by how each is called. */
export const PLATFORM_HELP: Readonly<Record<string, CommandHelp>> = {
  query: {
    examples: ['query --list', 'query lease-timeline --lease lse_…', 'query denials --since 1d -o csv'],
    exits: RECORD,
  },
  sql: { examples: ["sql 'SELECT agent, verb, resource, status FROM requests LIMIT 10'"], exits: RECORD },
  'record dead-letters list': { examples: ['record dead-letters list'], exits: { ...LETTERS, refused: null } },
  'record dead-letters show': { examples: ['record dead-letters show 00/1790000000000-0'], exits: LETTERS },
  'record dead-letters replay': { examples: ['record dead-letters replay --all'], exits: LETTERS },
  'record dead-letters drop': { examples: ['record dead-letters drop 00/1790000000000-0'], exits: LETTERS },
  'record delete': {
    examples: ['record delete --agent deployer-7', "record delete --lease lse_… --why 'asked for by its owner' --yes"],
    exits: CHANGES,
  },
  'sessions list': { examples: ['sessions list --agent deployer --since 1d'], exits: RECORD },
  'sessions show': { examples: ['sessions show 0195f0a2-7c1b-7e6a-9a51-2f1f6d0c8e11'], exits: SESSIONS },
  'sessions replay': {
    examples: [
      'sessions replay 0195f0a2-7c1b-7e6a-9a51-2f1f6d0c8e11',
      'sessions replay session.cast --speed 2 --from 1m30s',
    ],
    exits: SESSIONS,
  },
  'sessions follow': { examples: ['sessions follow 0195f0a2-7c1b-7e6a-9a51-2f1f6d0c8e11'], exits: SESSIONS },
  'sessions watch': { examples: ['sessions watch lse_…'], exits: { refused: 'it may not be watched, or no longer' } },
  'sessions end': {
    examples: ["sessions end 0195f0a2-7c1b-7e6a-9a51-2f1f6d0c8e11 --why 'the wrong table'"],
    exits: { refused: 'no authorizer said that it cut it' },
  },
  'sessions search': { examples: ["sessions search 'drop table' --agent deployer"], exits: SESSIONS },
  'sessions export': {
    examples: ['sessions export 0195f0a2-7c1b-7e6a-9a51-2f1f6d0c8e11 > session.cast'],
    exits: SESSIONS,
  },
  'sessions delete': {
    examples: [
      'sessions delete --agent deployer-7',
      "sessions delete 0195f0a2-7c1b-7e6a-9a51-2f1f6d0c8e11 --why 'a password was typed' --yes",
    ],
    exits: CHANGES,
  },
  'audit verify': {
    examples: ['audit verify --key ledger.pub.pem', 'audit verify --key ledger.pub.pem --export copy -o json'],
    exits: FINDINGS,
  },
  'audit export': { examples: ['audit export copy'], exits: RECORD },
  'audit proof': {
    examples: ['audit proof 6f1c7a52-0d6b-4b0e-9d5e-3a1f0c9b7e11 --key ledger.pub.pem > row.proof'],
    exits: { refused: 'no ledger has it, or the record no longer', unavailable: 'the record did not answer' },
  },
  'audit check-proof': {
    examples: ['audit check-proof row.proof --key ledger.pub.pem'],
    exits: { refused: 'it proves nothing', unavailable: null },
  },
  'audit prune': { examples: ['audit prune', "audit prune --why 'retention' --yes"], exits: CHANGES },
  reconcile: {
    examples: ['reconcile --audit-log audit.log --boundary-user system:serviceaccount:leasegate:leasegate-boundary'],
    exits: FINDINGS,
  },
  migrate: {
    examples: ['migrate', 'migrate --script'],
    exits: { refused: 'ClickHouse refused', unavailable: 'the record did not answer' },
  },
  'policy check': {
    examples: ['policy check policy.yaml', 'policy check policy.yaml --kubeconfig admin.yaml -o json'],
    exits: {
      done: 'it is good, whatever it is warned of',
      refused: 'the cluster lacks something of it',
      usage: 'the file or one that it names is wrong',
      unavailable: 'the cluster did not answer',
    },
  },
  'policy replay': {
    examples: ['policy replay --since 30d policy-next.yaml'],
    exits: {
      done: 'nothing that can be told is decided otherwise',
      refused: 'something is',
      usage: 'wrong options or file',
      unavailable: 'the record did not answer',
    },
  },
  'policy risks': { examples: ['policy risks', 'policy risks policy.yaml -o json'], exits: HERE },
  'policy rbac': {
    examples: ['policy rbac policy.yaml | kubectl apply --server-side -f -', 'policy rbac policy.yaml --mode legacy'],
    exits: HERE,
  },
  'notify test': {
    examples: ['notify test policy.yaml'],
    exits: { refused: null, unavailable: 'a receiver was not reached' },
  },
  explain: {
    examples: ['explain --policy policy.yaml --lease lease.json < requests.jsonl'],
    exits: { ...HERE, usage: 'wrong options, or a line could not be read' },
  },
  verify: {
    examples: ['verify --template inspect-web --namespace shop --kubeconfig admin.yaml --policy policy.yaml'],
    exits: FINDINGS,
  },
  doctor: {
    examples: ['doctor', 'doctor --kubeconfig admin.yaml --policy policy.yaml -o json'],
    exits: { done: 'nothing that counts', refused: 'something critical, an error, or what could not be looked at' },
  },
  setup: {
    examples: ['setup --name leasegate --namespace leasegate --host leasegate.example.com'],
    exits: { refused: null, unavailable: 'the cluster or a store did not answer' },
  },
  'envoy config': { examples: ['envoy config --settings settings.json --out /etc/envoy'], exits: HERE },
  'keys init': { examples: ['keys init --dir keys'], exits: HERE },
  'keys ledger': { examples: ['keys ledger --dir keys'], exits: HERE },
  'keys sessions': { examples: ['keys sessions --dir keys', 'keys sessions --dir keys --add'], exits: HERE },
  'keys list': {
    examples: ['keys list --dir keys'],
    exits: { refused: null, unavailable: 'the cluster did not answer' },
  },
  'keys rotate': {
    examples: ['keys rotate --dir keys', 'keys rotate --secret leasegate/leasegate-keys --longest-lease 24h'],
    exits: { refused: 'it is too early for the next step', unavailable: 'the cluster did not answer' },
  },
  authorizer: { examples: ['authorizer'], exits: PROCESS },
  broker: { examples: ['broker'], exits: PROCESS },
  tap: { examples: ['tap'], exits: PROCESS },
  companion: { examples: ['companion'], exits: PROCESS },
}
