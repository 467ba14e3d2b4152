// The pages work without this. It takes in what changed, and puts times into the reader's zone.
const EVERY_MS = 2000
const SECOND = 1000
const zone = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const hour = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const title = document.title
const news = document.getElementById('news')
let tag = ''

/** `14m`, `2h5m`, `30s`. */
function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / SECOND))
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return minutes === 0 ? `${hours}h` : `${hours}h${minutes}m`
  return minutes > 0 ? `${minutes}m` : `${seconds}s`
}

function showTimes() {
  for (const time of document.querySelectorAll('time')) {
    const at = Date.parse(time.dateTime)
    time.title = zone.format(at)
    if ('left' in time.dataset) time.textContent = at <= Date.now() ? 'ended' : `${span(at - Date.now())} left`
    else if ('ago' in time.dataset) time.textContent = Date.now() - at < SECOND ? 'now' : `${span(Date.now() - at)} ago`
    else if ('clock' in time.dataset) time.textContent = clock.format(at)
    else if ('hour' in time.dataset) time.textContent = hour.format(at)
    else time.textContent = zone.format(at)
  }
}

function showCount() {
  const count = Number(document.querySelector('[data-count]')?.dataset.count ?? 0)
  document.title = count === 0 ? title : `(${count}) ${title}`
}

/** Whoever was on a link is on it still, and hears what came. */
function takeIn(page) {
  for (const old of document.querySelectorAll('[data-live]')) {
    const fresh = page.getElementById(old.id)
    if (fresh === null || fresh.dataset.live === old.dataset.live) continue
    const focused = old.contains(document.activeElement) ? document.activeElement.id : ''
    const known = new Set([...old.querySelectorAll('a[id]')].map(link => link.id))
    old.replaceWith(document.importNode(fresh, true))
    if (focused !== '') document.getElementById(focused)?.focus()
    const came = [...fresh.querySelectorAll('a[id]')].filter(link => !known.has(link.id))
    say(came.length > 0 ? `${came.length} new` : 'changed')
  }
}

function say(text) {
  if (news.textContent !== text) news.textContent = text
}

async function look() {
  const response = await fetch(location.href, {
    headers: { 'if-none-match': tag },
    redirect: 'manual',
    cache: 'no-store',
  })
  if (response.type === 'opaqueredirect') return say('your session has ended')
  if (!response.ok) return
  tag = response.headers.get('etag') ?? ''
  takeIn(new DOMParser().parseFromString(await response.text(), 'text/html'))
  showTimes()
  showCount()
}

async function lookAgain() {
  if (!document.hidden) await look().catch(() => say('the console does not answer'))
  setTimeout(lookAgain, EVERY_MS)
}

showTimes()
showCount()
setInterval(showTimes, SECOND)
if (document.querySelector('[data-live]') !== null) setTimeout(lookAgain, EVERY_MS)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) look().catch(() => {})
})
