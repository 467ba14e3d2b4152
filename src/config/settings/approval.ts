import { oneOf, path, serverUrl } from '../parsers.ts'
import { long, type Setting } from './setting.ts'

/** Questions, their plans, and who is told of them. */
export const APPROVAL_SETTINGS = {
  planServerUrl: {
    env: 'LEASEGATE_PLAN_SERVER_URL',
    parse: serverUrl,
    fallback: null,
    doc: 'API server that plans of what approvers are asked are made with; without it questions have none.',
  },
  planTokenFile: {
    env: 'LEASEGATE_PLAN_TOKEN_FILE',
    parse: path,
    fallback: null,
    doc: "Token of the planner's own account, which reads and tries and changes nothing; read at each use.",
  },
  planCaFile: {
    env: 'LEASEGATE_PLAN_CA_FILE',
    parse: path,
    fallback: null,
    doc: "CA of that API server's certificate; without it the system's are trusted.",
  },
  planSessions: {
    env: 'LEASEGATE_PLAN_SESSIONS',
    parse: oneOf('recorded', 'not-recorded', 'unknown'),
    fallback: 'unknown',
    doc: 'Whether exec and attach are recorded here (Envoy knows a recorder), for plans to say; unknown: they say that nobody told them.',
  },
  approvalAsk: {
    env: 'LEASEGATE_APPROVAL_ASK',
    parse: long,
    fallback: '15m',
    doc: 'How long a question waits for an approver.',
  },
  approvalUse: {
    env: 'LEASEGATE_APPROVAL_USE',
    parse: long,
    fallback: '5m',
    doc: 'How long a yes can be used, once.',
  },
  webhookUrl: {
    env: 'LEASEGATE_WEBHOOK_URL',
    parse: serverUrl,
    fallback: null,
    doc: 'Where each new question is posted to, signed (Standard Webhooks); without it nowhere.',
  },
  webhookSecretFile: {
    env: 'LEASEGATE_WEBHOOK_SECRET_FILE',
    parse: path,
    fallback: null,
    doc: 'What it is signed with: whsec_ and the base64 of 24 to 64 bytes; read at each use.',
  },
  webhookCaFile: {
    env: 'LEASEGATE_WEBHOOK_CA_FILE',
    parse: path,
    fallback: null,
    doc: "CA of its receiver; without it the system's are trusted.",
  },
} as const satisfies Record<string, Setting<unknown>>
