/** JSON that a terminal can be shown: of what it could act on, or turn round, nothing stands there as it is. */
export function escapedJson(value: unknown, indent?: number): string {
  const code = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value, null, indent).replace(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, code)
}
