/** JSON that a terminal can be shown: of what it could act on, or turn round, nothing stands there as it is. */
export function escapedJson(value: unknown, indent?: number): string {
  const code = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  const codes = (character: string): string => character.split('').map(code).join('')
  return JSON.stringify(value, null, indent).replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, codes)
}
