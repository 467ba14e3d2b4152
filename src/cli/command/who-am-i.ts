import { userInfo } from 'node:os'

/** Who it was on this machine. Where a platform gives out user ids at will, they have no names. */
export function whoAmI(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
