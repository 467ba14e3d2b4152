/** Whether a name, or the path of a URL, is what a pattern says: a last star stands for any rest. */
export function matchesPattern(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
