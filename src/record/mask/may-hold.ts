import { SECRET_ANYWHERE } from './secret-name.ts'

/** Names, schemes and announcements, however they are written. */
const WORDS = new RegExp(
  `${SECRET_ANYWHERE}|(?:basic|digest|negotiate|apikey|splunk)[ \\t%\\\\]|identified|crypt\\(|securestring|pragma`,
  'i',
)
/** Shapes, the texts of a Secret, and calls that are given a password. */
const SHAPES = new RegExp(
  [
    'PRIVATE KEY|eyJ|A(?:K|S|B)IA|ACCA',
    'gh[opsur]_|github_pat_|gl(?:pat|dt|rt)-|xox[abeoprs]-|xapp-|npm_|pypi-|dop_v1_|hv[sbr]\\.|sk-|sk_|rk_|pk_live_',
    'SG\\.|AIza|ya29\\.|shpat_|dckr_pat_|AGE-|lgp_',
    '[dD]ata\\\\{0,4}["\']?[ \\t]{0,8}:',
    '/(?:stringD|d)ata/',
    'user\\(|remote(?:Secure)?\\(|mysql\\(|postgresql\\(|mongodb\\(|s3(?:Cluster)?\\(',
  ].join('|'),
)

/**
 * False only where no look for shapes, names or announcements finds anything, by the words that each of them needs: most texts hold none,
 * and all looks together take ten times as long. For the names that are known everywhere; a policy may have others.
 */
export function mayHoldCredential(text: string): boolean {
  // Before a host, and in front of a here document.
  return text.includes('@') || text.includes('<<') || WORDS.test(text) || SHAPES.test(text)
}
