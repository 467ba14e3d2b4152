import type { Asked } from './entry.ts'

/** What turns a text that nobody reads into one that runs, or takes it from where nobody looks. */
const DECODES =
  /\bbase(?:32|64)\b[^|;&]*(?:\s-\w*[dD]|--decode)|\bxxd\b[^|;&]*\s-\w*r|\bopenssl\b[^|;&]*(?:\s-d\b|\senc\b)|\b(?:atob|b64decode|fromhex|unhexlify|decode_base64)\b|\bdecode\(\s*["']base64|\beval\b|\|\s*(?:\S*\/)?(?:[a-z]*sh|python[\d.]*|perl|node)\b|\b(?:gunzip|zcat|bunzip2|unxz)\b|\bgzip\b[^|;&]*\s-\w*d|\btar\b[^|;&]*(?:\s-?\w*x\w*)[^|;&]*\s-(?:\s|$)|\\x[0-9a-fA-F]{2}(?:\\x[0-9a-fA-F]{2}){7}/

/** So long, and nothing that words are made of: a path has slashes soon, a hash is shorter. */
const BLOB = /[A-Za-z0-9+/_=-]{100,}/g

/** Whether part of this command or text is written so that who reads it does not know what runs. */
export function isOpaque(text: string): boolean {
  if (DECODES.test(text)) return true
  return [...text.matchAll(BLOB)].some(([blob]) => /[A-Z]/.test(blob) && /[a-z]/.test(blob) && /\d/.test(blob))
}

/** An exec of which the command does not say what it does. */
export function runsOpaque({ request: { stream } }: Asked): boolean {
  return stream !== null && isOpaque(stream.command.join(' '))
}
