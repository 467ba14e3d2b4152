/** google.protobuf.Struct as proto-loader reads and writes it. */
export interface Struct {
  readonly fields?: Readonly<Record<string, Value>>
}

interface Value {
  readonly stringValue?: string
  readonly numberValue?: number
  readonly boolValue?: boolean
  readonly structValue?: Struct
}

export type Plain = { readonly [key: string]: string | number | boolean | Plain }

/** Plain data as a Struct. */
export function toStruct(plain: Plain): Struct {
  return { fields: Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, toValue(value)])) }
}

function toValue(value: Plain[string]): Value {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'number':
      return { numberValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'object':
      return { structValue: toStruct(value) }
  }
}

/** A Struct as plain data; lists and nulls, which we never send, are left out. */
export function fromStruct(struct: Struct | null | undefined): Plain {
  const plain: Record<string, Plain[string]> = {}
  for (const [key, value] of Object.entries(struct?.fields ?? {})) {
    const found =
      value.stringValue ?? value.numberValue ?? value.boolValue ?? (value.structValue && fromStruct(value.structValue))
    if (found !== undefined) plain[key] = found
  }
  return plain
}
