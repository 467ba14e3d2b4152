import { APPROVAL_SETTINGS } from './settings/approval.ts'
import { CLIENT_SETTINGS } from './settings/client.ts'
import { CONSOLE_SETTINGS } from './settings/console.ts'
import { PROCESS_SETTINGS } from './settings/process.ts'
import { RECORD_SETTINGS } from './settings/record.ts'
import { SESSION_SETTINGS } from './settings/sessions.ts'
import { STORE_SETTINGS } from './settings/store.ts'

export type { Setting } from './settings/setting.ts'

/** Every setting of every process. */
export const SETTINGS = {
  ...PROCESS_SETTINGS,
  ...STORE_SETTINGS,
  ...APPROVAL_SETTINGS,
  ...CONSOLE_SETTINGS,
  ...RECORD_SETTINGS,
  ...SESSION_SETTINGS,
  ...CLIENT_SETTINGS,
}

export type SettingKey = keyof typeof SETTINGS
