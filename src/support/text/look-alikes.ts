/**
 * Letters that pass for others, by Unicode's own notions: scripts and their extensions (UAX 24), which of them are in use (UAX 31, Recommended), which go together
 * (UTS 39, Highly Restrictive), and which letters pass for one of ASCII (its confusables.txt, of which these are the letters and digits of four scripts).
 */

const LATIN = [
  String.raw`\u0131\u0184\u018d\u0196\u01a6\u01a7\u01b7\u01bc\u01bd\u01c0\u021c\u0222\u0223\u0251\u0261\u0263`,
  String.raw`\u0269\u026a\u026f\u028b\u028f\u1d04\u1d0f\u1d11\u1d1c\u1d20-\u1d22\u1d83\u1d8c\u1e9d\u1eff\ua731`,
  String.raw`\ua75a\ua76a\ua76e\ua798\ua799\ua79f\ua7ab\ua7b2-\ua7b4\uab32\uab35\uab3d\uab47\uab48\uab4e\uab52`,
  String.raw`\uab5a`,
].join('')
const CYRILLIC = [
  String.raw`\u0405\u0406\u0408\u0410\u0412\u0415\u0417\u041a\u041c-\u041e\u0420-\u0423\u0425\u042c\u0430\u0431`,
  String.raw`\u0433\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u0461\u0474\u0475\u04ae\u04af\u04bb`,
  String.raw`\u04bd\u04c0\u04cf\u04e0\u0501\u050c\u051b-\u051d\ua644\ua647`,
].join('')
const GREEK = [
  String.raw`\u037a\u037f\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03b1`,
  String.raw`\u03b3\u03b9\u03bd\u03bf\u03c1\u03c3\u03c5\u03d2\u03dc\u03f1-\u03f3\u03f9\u03fa\u1d26\u1fbe`,
].join('')
const ARMENIAN = String.raw`\u054d\u054f\u0555\u0561\u0563\u0566\u0570\u0578\u057c\u057d\u0581\u0584\u0585`

const SCRIPTS_IN_USE = [
  'Arabic Armenian Bengali Bopomofo Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul Hebrew',
  'Hiragana Kannada Katakana Khmer Lao Latin Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan',
].flatMap(line => line.split(' '))
const OF_EAST_ASIA = ['Bopomofo', 'Han', 'Hangul', 'Hiragana', 'Katakana']
/** Sets of scripts that one word is written in. */
const TOGETHER = [
  ['Han', 'Hiragana', 'Katakana'],
  ['Han', 'Bopomofo'],
  ['Han', 'Hangul'],
  ...SCRIPTS_IN_USE.map(script => [script]),
]

const classOf = (scripts: readonly string[]) =>
  `${scripts.map(script => `\\p{scx=${script}}`).join('')}\\p{scx=Common}\\p{scx=Inherited}`

/** Made when the first letter comes that is not ASCII: they take 10 ms, which is a tenth of a short command. */
function makePatterns() {
  return {
    latinLooksAscii: new RegExp(`[${LATIN}]`, 'u'),
    looksAscii: new RegExp(`[${LATIN}${CYRILLIC}${GREEK}${ARMENIAN}]`, 'u'),
    inUse: new RegExp(`[${classOf(SCRIPTS_IN_USE)}]`, 'u'),
    besideLatin: new RegExp(`[${classOf(['Latin', ...OF_EAST_ASIA])}]`, 'u'),
    together: TOGETHER.map(scripts => new RegExp(`^[${classOf(scripts)}]+$`, 'u')),
  }
}

let made: ReturnType<typeof makePatterns> | null = null

function patterns() {
  made ??= makePatterns()
  return made
}

const IS_LATIN = /\p{scx=Latin}/u
const IS_LETTER = /\p{L}/u
const IS_ASCII = /^[\0-\x7f]*$/

/** The word with each letter through `escaped` that passes for another one, or that may. Linear in its length. */
export function inSight(word: string, escaped: (letter: string) => string): string {
  if (IS_ASCII.test(word)) return word
  const letters = [...word]
  const isOdd = oddOf(word, letters)
  return letters.map(letter => (isOdd(letter) || isAlwaysOdd(letter) ? escaped(letter) : letter)).join('')
}

/** What is odd in this word. ASCII never is. */
function oddOf(word: string, letters: readonly string[]): (letter: string) => boolean {
  const { besideLatin, looksAscii, together } = patterns()
  if (IS_LATIN.test(word)) return letter => !IS_ASCII.test(letter) && !besideLatin.test(letter)
  const isMixed = !together.some(scripts => scripts.test(word))
  const passesForAnother =
    looksAscii.test(word) && letters.every(letter => looksAscii.test(letter) || !IS_LETTER.test(letter))
  return isMixed || passesForAnother ? letter => !IS_ASCII.test(letter) : () => false
}

/** A Latin letter that passes for one of ASCII, a form of one, or a letter of a script that nobody writes in today. */
function isAlwaysOdd(letter: string): boolean {
  if (IS_ASCII.test(letter)) return false
  const { inUse, latinLooksAscii } = patterns()
  return latinLooksAscii.test(letter) || IS_ASCII.test(letter.normalize('NFKC')) || !inUse.test(letter)
}
