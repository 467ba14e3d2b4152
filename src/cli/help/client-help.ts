import type { CommandHelp } from './command-help.ts'

/** They ask nobody but this machine. */
const HERE = { refused: null, unavailable: null } as const
const SEVERAL = { unavailable: 'nobody answered, or not for all of the store' } as const

/** Of agents and of those who answer them, and of what is on this machine; by how each is called. */
export const CLIENT_HELP: Readonly<Record<string, CommandHelp>> = {
  'lease request': {
    examples: [
      "lease request --template restart-web --reason 'web answers slowly' --ttl 10m",
      "lease request --for 6f1c7a52-0d6b-4b0e-9d5e-3a1f0c9b7e11 --reason 'web answers slowly'",
      "lease request --template restart-web --parent lse_… --for-agent fixer --reason 'restart web for me' --ttl 5m",
    ],
    exits: { refused: 'it is not given' },
  },
  'lease show': { examples: ['lease show', 'lease show lse_… -o json'] },
  'lease list': { examples: ['lease list'], exits: { refused: null, ...SEVERAL } },
  'lease narrow': {
    examples: ['lease narrow lse_… --read-only', 'lease narrow lse_… --namespace shop --budget mutations=1'],
  },
  'lease revoke': {
    examples: ["lease revoke lse_… --reason 'done'", "lease revoke --agent web-operator --reason 'wrong cluster'"],
    exits: { refused: 'there is no such lease, or it is not yours to end' },
  },
  'lease suggest': {
    examples: ['lease suggest lse_…', 'lease suggest --template restart-web --since 30d'],
    exits: { refused: 'nothing of it is on record', unavailable: 'the record did not answer' },
  },
  'lease freeze': {
    examples: ["lease freeze lse_… --reason 'what is it doing'", "lease freeze --task nightly --reason 'looking'"],
  },
  'lease thaw': { examples: ["lease thaw lse_… --reason 'it is fine'"] },
  'agent hold': { examples: ["agent hold deployer-7 --reason 'wrong cluster' --for 2h"] },
  'agent holds': { examples: ['agent holds'], exits: { refused: null, ...SEVERAL } },
  'agent release': { examples: ["agent release deployer-7 --reason 'mended'"], exits: { refused: 'it is not held' } },
  stop: { examples: ["stop --all --reason 'INC-4711'", "stop --template restart-web --reason 'it restarts too much'"] },
  start: { examples: ["start --all --reason 'INC-4711 is over'"] },
  kubeconfig: {
    examples: [
      'kubeconfig --lease lse_… --out kubeconfig.yaml',
      'kubeconfig --template restart-web --plugin leasegate',
    ],
  },
  credential: { examples: ['credential --lease lse_…'], exits: { refused: 'the lease has ended, or is not yours' } },
  status: { examples: ['status'], exits: { refused: null } },
  whoami: { examples: ['whoami', 'whoami -o json'], exits: { refused: 'you are nobody here' } },
  run: {
    examples: [
      "run --template restart-web --reason 'web answers slowly' -- kubectl rollout restart deployment/web -n shop",
    ],
    exits: {
      done: 'as the command ended, once it ran; before that',
      refused: 'no lease is given',
      usage: 'nobody has said yes to it in the time of --wait, or wrong options',
    },
  },
  why: {
    examples: ['why 6f1c7a52-0d6b-4b0e-9d5e-3a1f0c9b7e11'],
    exits: {
      done: 'it is told',
      refused: 'no such request of yours is on record',
      unavailable: 'nobody answered, or the broker has no way to the record',
    },
  },
  mcp: {
    examples: ['mcp', 'mcp --http --issuer https://login.corp.example'],
    exits: { done: 'its client has left, or it was stopped', refused: null },
  },
  plan: {
    examples: ['plan -f deployment.yaml', 'plan -- kubectl scale deployment/web --replicas=5 -n shop'],
    exits: { done: 'all of it may be sent, or waits for its yes', refused: 'part of it is denied' },
  },
  approvals: { examples: ['approvals', 'approvals apr_…', 'approvals --watch -o json'], exits: SEVERAL },
  'approvals wait': {
    examples: ['approvals wait apr_… --timeout 10m'],
    exits: {
      done: 'it is a yes',
      refused: 'it is a no, or its time is over',
      usage: 'nobody has answered in time, or wrong options',
    },
  },
  'approvals withdraw': {
    examples: ["approvals withdraw apr_… --reason 'found another way'"],
    exits: { refused: 'it is not yours, or it was used or answered with a no' },
  },
  approve: {
    examples: ['approve apr_…', "approve apr_… --yes 3f2a9c0b1d4e --reason 'agreed with Ada'"],
    exits: { refused: 'nothing was approved' },
  },
  reject: {
    examples: ["reject apr_… --reason 'not on Fridays'"],
    exits: { refused: 'it is answered already, or not yours to answer' },
  },
  login: {
    examples: ['login', 'login --device'],
    exits: { refused: 'the issuer or the broker does not know you' },
  },
  logout: {
    examples: ['logout'],
    exits: { refused: null, unavailable: 'logged out here, but the refresh token was not revoked' },
  },
  contexts: { examples: ['contexts', 'contexts production'], exits: HERE },
  version: { examples: ['version -o json'], exits: HERE },
  completion: { examples: ['completion bash'], exits: HERE },
}
