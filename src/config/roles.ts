import type { Config } from './read-config.ts'
import type { SettingKey } from './settings.ts'

export const STORE = [
  'redisUrl',
  'redisUsername',
  'redisPasswordFile',
  'redisCaFile',
  'redisSentinels',
  'redisSentinelUsername',
  'redisSentinelPasswordFile',
  'redisSentinelTls',
  'redisSentinelCaFile',
  'redisCluster',
  'partitions',
  'durability',
  'redisReplicas',
] as const satisfies readonly SettingKey[]

/** Where a full journal begins. */
export const MARKS = [
  'journalHighMark',
  'journalHardLimit',
  'journalHighBytes',
  'journalHardBytes',
] as const satisfies readonly SettingKey[]

/** How a process that listens on TCP knows Envoy. */
const TLS = ['tlsCertFile', 'tlsKeyFile', 'tlsClientCaFile', 'tlsClientName'] as const satisfies readonly SettingKey[]

/** A ClickHouse server, and who we are there. */
export const SERVER = [
  'clickhouseUrl',
  'clickhouseUserFile',
  'clickhousePasswordFile',
  'clickhouseCaFile',
] as const satisfies readonly SettingKey[]

/** The second place of checkpoints, for who puts there and who compares. */
const LEDGER_S3 = [
  'ledgerS3Url',
  'ledgerS3Bucket',
  'ledgerS3Prefix',
  'ledgerS3Region',
  'ledgerS3CredentialsFile',
  'ledgerS3CaFile',
] as const satisfies readonly SettingKey[]

/** Where the record is, and how it is kept. */
const RECORD = [
  ...SERVER,
  'clickhouseDirectory',
  'clickhouseCluster',
  'ledgerDirectory',
  'ledgerKeyFile',
  ...LEDGER_S3,
  'ledgerS3Lock',
  'ledgerS3Kept',
  'ledgerWitnessesFile',
  'ledgerWitnessesCaFile',
  'retentionRequests',
  'retentionEvents',
  'retentionMinutes',
  'retentionSessions',
  'retentionShorten',
] as const satisfies readonly SettingKey[]

/** What opens recorded sessions. */
const SESSION_KEYS = ['sessionKeyFile', 'sessionKeyCommand'] as const satisfies readonly SettingKey[]

/** The console, and how people sign in to it. */
const CONSOLE = [
  'consoleUrl',
  'consoleIssuer',
  'consoleIssuerCaFile',
  'consoleClientId',
  'consoleClientSecretFile',
  'consoleScopes',
  'consoleSession',
  'consoleIdle',
] as const satisfies readonly SettingKey[]

/** What each process wants to know. */
export const AUTHORIZER_SETTINGS = [
  'logLevel',
  'healthListen',
  'policyFile',
  'boundaryNamespace',
  ...STORE,
  'redisEviction',
  ...MARKS,
  'authorizerListen',
  ...TLS,
  'checkDeadline',
  'drainLimit',
  'unconfirmedLimit',
  'publicKeysFile',
  'approvalAsk',
  'approvalUse',
  'consoleUrl',
] as const satisfies readonly SettingKey[]

export const BROKER_SETTINGS = [
  'logLevel',
  'healthListen',
  'policyFile',
  'boundaryNamespace',
  ...STORE,
  'redisEviction',
  ...MARKS,
  'brokerListen',
  ...TLS,
  'drainLimit',
  'signingKeysFile',
  'publicKeysFile',
  'leaseTokenTtl',
  'approvalAsk',
  'approvalUse',
  ...CONSOLE,
  'webhookUrl',
  'webhookSecretFile',
  'webhookCaFile',
  'planServerUrl',
  'planTokenFile',
  'planCaFile',
  'planSessions',
  // The console's account there, which reads the record and nothing else.
  'querySocket',
  ...SERVER,
] as const satisfies readonly SettingKey[]

export const TAP_SETTINGS = [
  'logLevel',
  'healthListen',
  ...STORE,
  'tapListen',
  ...TLS,
  'drainLimit',
  'querySocket',
  'envoyAdminSocket',
  'outcomesDirectory',
  'recorderListen',
  'sessionInputs',
  'sessionCommands',
  'sessionsDirectory',
  'sessionsSpool',
  ...SESSION_KEYS,
  ...RECORD,
] as const satisfies readonly SettingKey[]

export const COMPANION_SETTINGS = [
  'logLevel',
  'healthListen',
  'envoyAdminSocket',
  'drainLimit',
] as const satisfies readonly SettingKey[]

/** Commands that talk to the broker. */
export const CLIENT_SETTINGS = [
  'brokerUrl',
  'brokerCaFile',
  'identityTokenFile',
  'clientCertFile',
  'clientKeyFile',
  'tokenCache',
] as const satisfies readonly SettingKey[]

/** Where people log in. */
export const LOGIN_SETTINGS = [
  ...CLIENT_SETTINGS,
  'loginIssuer',
  'loginIssuerCaFile',
  'loginClientId',
  'loginScopes',
] as const satisfies readonly SettingKey[]

/** Of all of those: which boundary is meant. */
export const CONTEXT_SETTINGS = ['context', 'configFile'] as const satisfies readonly SettingKey[]

/** Commands that read the record. */
export const QUERY_SETTINGS = ['querySocket', ...SERVER] as const satisfies readonly SettingKey[]

/** Commands that read recorded sessions. */
export const SESSION_SETTINGS = [...QUERY_SETTINGS, ...SESSION_KEYS] as const satisfies readonly SettingKey[]

/** Commands that compare the record with its ledgers. */
export const AUDIT_SETTINGS = [
  ...QUERY_SETTINGS,
  'ledgerDirectory',
  ...LEDGER_S3,
  'ledgerWitnessesFile',
  'retentionRequests',
  'retentionEvents',
] as const satisfies readonly SettingKey[]

/** Commands that change the record. */
export const MIGRATE_SETTINGS = RECORD

/** Commands that look into the journal. */
export const JOURNAL_SETTINGS = STORE

/** Commands that go to the store themselves, for when the broker is down. */
export const STORE_SETTINGS = [...STORE, 'publicKeysFile'] as const satisfies readonly SettingKey[]

export type AuthorizerConfig = Config<(typeof AUTHORIZER_SETTINGS)[number]>
export type BrokerConfig = Config<(typeof BROKER_SETTINGS)[number]>
export type TapConfig = Config<(typeof TAP_SETTINGS)[number]>
export type CompanionConfig = Config<(typeof COMPANION_SETTINGS)[number]>
export type SessionKeyConfig = Config<(typeof SESSION_KEYS)[number]>
export type RecordConfig = Config<(typeof RECORD)[number]>
export type LedgerS3Config = Config<(typeof LEDGER_S3)[number]>
export type LoginConfig = Config<(typeof LOGIN_SETTINGS)[number]>
export type ClientConfig = Config<(typeof CLIENT_SETTINGS)[number]>
