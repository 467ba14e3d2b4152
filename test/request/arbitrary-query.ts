import fc from 'fast-check'

const among = (...texts: readonly string[]) => fc.constantFrom(...texts)
const weighed = (...each: readonly (readonly [number, fc.Arbitrary<string>])[]) =>
  fc.oneof(...each.map(([weight, arbitrary]) => ({ weight, arbitrary })))

const some = (pieces: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(pieces, { maxLength }).map(parts => parts.join(''))

const BOOLEAN = among(...['true', 'false', '1', '0', '', 'TRUE', 'False', 'fAlSe', 'falſe', 'f', 't', 'no', '00', '-1'])

const NUMBER = weighed(
  [4, among('0', '1', '30', '500', '-1', '+7', '007')],
  [1, among('', ' 1', '1.0', '1e3', '0x10', '1_000', 'x', '--1', '+', '٣')],
  [1, among('9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809')],
)

const FIELD_TERM = weighed(
  [4, among('metadata.name=a', 'metadata.name==b', 'metadata.name!=c', 'metadata.namespace=x', 'spec.nodeName=n')],
  [2, among('metadata.name=', 'metadata.name', '=a', '', 'metadata.name=a/b', 'metadata.name=..', 'metadata.name=a%b')],
  [
    1,
    some(
      among('metadata.name', 'a', 'é', '😀', '=', '==', '!=', '!', '\\', '\\,', '\\=', '\\\\', ' ', '\ud7ff', '～'),
      6,
    ),
  ],
)
const FIELD_SELECTOR = fc.array(FIELD_TERM, { minLength: 1, maxLength: 3 }).map(terms => terms.join(','))

const LABEL_TERM = weighed(
  [
    5,
    among(
      'app=web',
      'app==web',
      'app!=web',
      'app',
      '!app',
      'app in (a,b)',
      'app notin (a)',
      'x>1',
      'x<9',
      'x>9223372036854775808',
    ),
  ],
  [
    2,
    among(
      'app=',
      'app=,b',
      'example.com/app=web',
      'a in ()',
      'a in (,)',
      'a in (a,,b)',
      'a in (a b)',
      'in',
      'notin=in',
      'a b',
    ),
  ],
  [
    3,
    some(
      among(
        ...[
          'a',
          'in',
          'notin',
          ' ',
          '\t',
          '\n',
          '=',
          '==',
          '!=',
          '!',
          '<',
          '>',
          '(',
          ')',
          ',',
          '/',
          'A.b_c-d',
          '-',
          '1',
        ],
        ...['9223372036854775808', 'é', '.', '_', 'x'.repeat(64), `${'y'.repeat(63)}.z/`, '+1', '\u00a0', '\u000b'],
      ),
      8,
    ),
  ],
)
const LABEL_SELECTOR = fc.array(LABEL_TERM, { minLength: 1, maxLength: 3 }).map(terms => terms.join(','))

/** As Go's clients do, or with as little escaped as may be. */
function escaped(value: string, how: number): string {
  const all = encodeURIComponent(value)
  if (how === 0) return all.replaceAll('%20', '+')
  if (how === 1) return all
  return all.replace(/%(?:3D|2C|21|2F|28|29|3C|3E|5C|3A)/g, text => decodeURIComponent(text))
}

const pair = (key: string, value: fc.Arbitrary<string>) =>
  fc.tuple(value, fc.integer({ min: 0, max: 2 })).map(([text, how]) => `${key}=${escaped(text, how)}`)

const PAIR = weighed(
  [6, pair('watch', BOOLEAN)],
  [6, pair('fieldSelector', FIELD_SELECTOR)],
  [6, pair('labelSelector', LABEL_SELECTOR)],
  [2, pair('timeoutSeconds', NUMBER)],
  [2, pair('limit', NUMBER)],
  [
    2,
    among('watch', 'follow=true', 'resourceVersion=0', 'allowWatchBookmarks=x', 'sendInitialEvents=true', 'continue=e'),
  ],
  [2, among('command=ls&command=-l', 'stdin=1', 'tty=true', 'container=c', 'dryRun=All', 'pretty', 'a=1&a=2', '=', '')],
)

/** Two readers could take another pair, or another value, or none. */
const ODD_PAIR = among(
  ...['watch=0&watch=1', 'watch&watch', 'WATCH=1', 'Watch=true', '%77atch=1', 'watch%00=1', 'wat+ch=1', 'a;watch=1'],
  ...['watch=1;b', 'watch=%zz', 'watch=%', 'watch=%ff', 'labelSelector=a&labelSelector=b', 'fieldSelector=%e2%80%8b'],
  ...['timeoutSeconds=1&timeoutSeconds=2', 'a#b', 'a b', 'é=1', 'watch=%00', '?watch=1', 'watch==1', 'limit=%31'],
)

/** With the question mark; often a list by name, for which every other parameter matters. */
export const arbitraryQuery: fc.Arbitrary<string> = fc
  .tuple(
    weighed([1, fc.constant('')], [1, fc.constant('fieldSelector=metadata.name%3Dmine')]),
    fc.uniqueArray(PAIR, { maxLength: 4, selector: text => text.split('=', 1)[0] }),
    weighed([15, fc.constant('')], [1, ODD_PAIR]),
  )
  .map(([named, pairs, odd]) => {
    const others = pairs.filter(text => named === '' || !text.startsWith('fieldSelector'))
    return `?${[named, ...others, odd].filter(text => text !== '').join('&')}`
  })
