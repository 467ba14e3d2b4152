import { EchoedInput } from './echoed-input.ts'
import { type InputPolicy, type InputRule, KEPT, LEFT_OUT } from './input-policy.ts'
import { MaskedText } from './masked-text.ts'

export function openInputPolicy(rule: InputRule, tty: boolean): InputPolicy {
  switch (rule) {
    case 'kept':
      return KEPT
    case 'left-out':
      return LEFT_OUT
    case 'masked':
      return tty ? new EchoedInput() : new MaskedText()
  }
}
