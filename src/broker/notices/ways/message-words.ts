import type { Notice } from '../notifier.ts'

/** What it is about, in words of ours alone. */
export function headline({ stage, wanted, yeses, answer }: Notice): string {
  switch (stage) {
    case 'asked':
      return 'An approval is wanted'
    case 'escalated':
      return yeses.length === 0 ? 'An approval is wanted, and nobody has answered' : moreWanted(wanted - yeses.length)
    case 'yes':
      return moreWanted(wanted - yeses.length)
    case 'answered':
      return answer?.verdict === 'rejected' ? 'Rejected' : 'Approved'
    case 'expired':
      return 'Ended without an answer'
  }
}

function moreWanted(count: number): string {
  return count > 1 ? `${count} more yeses are wanted` : 'One more yes is wanted'
}

export function isOver({ stage }: Notice): boolean {
  return stage === 'answered' || stage === 'expired'
}

/** `high: reads a Secret (secrets-get)`, as whoever answers is shown it; of several requests the worst, and what they are. */
export function riskWords({ risk, tier, why }: Pick<Notice, 'risk' | 'tier' | 'why'>): string {
  const what = why === '' ? risk : `${why} (${risk})`
  return tier === '' ? what : `${tier}: ${what}`
}

/** `1 of 2 said yes: grace`; '' where one is enough. */
export function yesWords({ wanted, yeses }: Notice): string {
  if (wanted < 2) return ''
  return `${yeses.length} of ${wanted} said yes${yeses.length === 0 ? '' : `: ${yeses.join(', ')}`}`
}

/** At most `most` characters by `weight`, with a mark where some are missing; no character is cut in two. */
export function cut(text: string, most: number, weight: (text: string) => number = each => each.length): string {
  if (weight(text) <= most) return text
  let left = most - 1
  let kept = ''
  for (const character of text) {
    left -= weight(character)
    if (left < 0) break
    kept += character
  }
  return `${kept}…`
}
