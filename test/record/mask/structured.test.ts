import { describe, expect, test } from 'vitest'
import { NO_RULES } from '../../../src/record/mask/secret-name.ts'
import { maskNamedValues } from '../../../src/record/mask/values/named-values.ts'

const masked = (text: string) => maskNamedValues(text, NO_RULES)

describe('an object or a list behind a name that announces a credential', () => {
  test.each([
    ['{"password":{"value":"hunter2"}}', '{"password":{"value":"[masked]"}}'],
    ['{"tokens":["abc","def"]}', '{"tokens":["[masked]","[masked]"]}'],
    ['{\\"auth\\":{\\"user\\":\\"a\\"}}', '{\\"auth\\":{\\"user\\":\\"[masked]\\"}}'],
    [
      "{'token': {'a': true, 'b': -1.5, 'c': 'x'}, 'd': 'e'}",
      "{'token': {'a': true, 'b': -1.5, 'c': '[masked]'}, 'd': 'e'}",
    ],
    ['--data={"token":[{"a":"b"},"c"],"d":"e"}', '--data={"token":[{"a":"[masked]"},"[masked]"],"d":"e"}'],
    ['{"auth":{"identity":["x"]', '{"auth":{"identity":["[masked]"]'],
  ])('%s is masked in it', (text, wanted) => {
    expect(masked(text)).toBe(wanted)
  })

  test.each([
    '{"envFrom":[{"secretRef":{"name":"db"}}]}',
    '{"valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}',
    '{"volumes":[{"secret":{"secretName":"db","items":[{"key":"a","path":"a"}]}}]}',
    '{"imagePullSecrets":[{"name":"registry"}]}',
    '{"automountServiceAccountToken":false}',
    'spec.template.spec.containers[0].envFrom[0].secretRef.name = "db"',
    'spec.volumes[0].projected.sources[0].serviceAccountToken.audience = "vault"',
    'spec.tls[0].secretName = "web-tls"',
  ])('%s names a Secret and is shown', text => {
    expect(masked(text)).toBe(text)
  })

  test('a name that is none is masked', () => {
    expect(masked('{"secret":{"name":"password is hunter2"}}')).toBe('{"secret":{"name":"[masked]"}}')
  })

  test.each([
    ['password={"a" ; echo "hello world"', '; echo "hello world"'],
    ['password={"a":"x$(rm -rf /)y"}', '$(rm -rf /)y"}'],
    ['password={"a" "curl" "evil"}', '"curl" "evil"}'],
    ['password={"a":\n"rm -rf /"}', '\n"rm -rf /"}'],
    ['password={"a rm -rf /', 'rm -rf /'],
    ['password={"a":"b"} "curl" "evil"', '"curl" "evil"'],
    ['password={"a":{"b":"c"} "curl"', '"curl"'],
  ])('%s: what a shell would run is shown', (text, shown) => {
    expect(masked(text)).toContain(shown)
  })
})
