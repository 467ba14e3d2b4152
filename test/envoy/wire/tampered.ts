import fc from 'fast-check'

type Change = readonly [where: number, what: string, byte: number, length: number]

/** Some bytes set, dropped, said twice, or all behind them cut off. */
export const edits = fc.array(
  fc.tuple(fc.nat(), fc.constantFrom('set', 'drop', 'twice', 'cut'), fc.nat({ max: 255 }), fc.nat({ max: 12 })),
  { minLength: 1, maxLength: 4 },
)

export function changed(message: Buffer, [where, what, byte, length]: Change): Buffer {
  const at = message.length === 0 ? 0 : where % message.length
  const [before, rest] = [message.subarray(0, at), message.subarray(at)]
  if (what === 'set') return Buffer.concat([before, Buffer.from([byte]), rest.subarray(1)])
  if (what === 'drop') return Buffer.concat([before, rest.subarray(length)])
  if (what === 'twice') return Buffer.concat([before, rest.subarray(0, length), rest])
  return before
}
