import {
  generateKeyFiles,
  parseSigningKey,
  parseVerifyKeys,
  type SigningKey,
  type VerifyKeys,
} from '../../src/identity/keys/keys.ts'

export interface TestKeys {
  readonly signing: SigningKey
  readonly verify: VerifyKeys
}

/** A fresh pair, read back as the processes read it. */
export async function testKeys(): Promise<TestKeys> {
  const files = await generateKeyFiles()
  const signing = await parseSigningKey(files.signing)
  const verify = await parseVerifyKeys(files.verify)
  if (signing.kind === 'problem' || verify.kind === 'problem') throw new Error('generated keys cannot be read')
  return { signing: signing.value, verify: verify.value }
}
