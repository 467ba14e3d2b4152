/** One of each class of characters that some reader treats apart. */
const CLASSES: readonly string[] = [
  ...[
    'a',
    'Z',
    '7',
    "'",
    '"',
    '`',
    ' ',
    '\t',
    '\n',
    '\r',
    '$',
    '\\',
    '%',
    '=',
    ':',
    ',',
    ';',
    '|',
    '&',
    '#',
    '?',
    '*',
    '!',
    '~',
  ],
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '<',
    '>',
    '.',
    '/',
    '-',
    '_',
    '+',
    '@',
    '^',
    '\0',
    '\u0001',
    'é',
    '日',
    '😀',
    '\u200b',
    '\u2028',
  ],
]

/** What means something to a reader, mask or shell, and could make it begin again and again. */
const PIECES: readonly string[] = [
  ...[
    'crypt(',
    'password(',
    "password=a'",
    'value=a,',
    'name=password ',
    '"password", ',
    'stringData: {',
    'stringData:\n  a: b\n',
    'system(',
    'token=system(',
    'setenv("token", ',
    'name=token value=$value ',
    ';$token ',
    '|sh ',
    'base64|//',
    '|psql -c ',
    ' mysql a',
    '<<python3.1',
    'chroot ',
    'sudo a ',
    'import a ',
    'a=',
    'a:',
    'a: ',
    'token=',
    'token: ',
    'password ',
    'password="',
    "password='",
    'x-token: ',
    'cookie: a=b; ',
    'bearer ',
  ],
  ...[
    'eyJ',
    'eyJaaaaaaaa.',
    'AKIA',
    'ghp_',
    '://',
    'aa://',
    'a://b@',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    'identified by ',
  ],
  ...[
    'auth("',
    'stringData: {',
    'login a password ',
    '$(',
    '${',
    '$a',
    '\\"',
    "'\\''",
    '=>',
    ':=',
    ' #',
    '- ',
    '? ',
    '-p',
    '--password ',
    'mysql -p',
  ],
  ...[
    '[masked]',
    '[cut, 1 more]',
    '%41',
    '%2e',
    '../',
    '//',
    'a,b',
    '"a":1,',
    '{"a":',
    '[[',
    '{}',
    '[]',
    '"',
    'aB3',
    'aGVsbG8',
    'deadbeef',
    'base64|sh ',
    'cat <<E\n',
    'cat <<E\npassword: |\n a\n',
    'a: |\n b\n',
    '<<E ',
    'remote(',
    "remote('a',",
    "s3('a','AKIAAAAAAAAAAAAA',",
    'a:b@tcp(',
    'jdbc:oracle:thin:a/',
    'pgpass a:1:b:c:d ',
    'sqlplus a/b@c ',
    'token:\\ ',
    'create_user("a",',
    'pragma key=',
  ],
]

const ALTERNATING = ["'", '"', '\\', ' ', '=', ':', ';', '$', '{', 'a', ',']

function repeated(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / piece.length)).slice(0, length)
}

export interface Shape {
  readonly name: string
  readonly text: (length: number) => string
}

/** Runs of each class and piece, alone, between words, and behind what begins a value; pairs that alternate; nesting. */
export function shapes(): readonly Shape[] {
  const again = [...CLASSES, ...PIECES].map(piece => ({
    name: `${JSON.stringify(piece)} again and again`,
    text: (length: number) => repeated(piece, length),
  }))
  const between = CLASSES.map(piece => ({
    name: `a, ${JSON.stringify(piece)}, x y`,
    text: (length: number) => `a${repeated(piece, length)}x y`,
  }))
  const valued = PIECES.map(piece => ({
    name: `a password of ${JSON.stringify(piece)}`,
    text: (length: number) => `--password="${repeated(piece, length)} y`,
  }))
  const pairs = ALTERNATING.flatMap(one =>
    ALTERNATING.filter(two => two !== one).map(two => ({
      name: `${JSON.stringify(one + two)} in turn`,
      text: (length: number) => repeated(one + two, length),
    })),
  )
  const nested = ['[]', '{}', '()', '""', '$()'].map(pair => ({
    name: `${pair} nested`,
    text: (length: number) => pair.slice(0, -1).repeat(length / 4) + pair.slice(-1).repeat(length / 4),
  }))
  return [...again, ...between, ...valued, ...pairs, ...nested]
}
