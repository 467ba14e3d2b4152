// Runs in the page: what is wrong with it for somebody who reads it with other eyes, or none. Each fault is a line.
;(() => {
  const faults = []
  const all = [...document.querySelectorAll('body, body *')]
  const seen = all.filter(element => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }))
  const said = element =>
    (element.getAttribute('aria-label') ?? [...(element.labels ?? [])].map(label => label.textContent).join(' ')) ||
    element.textContent.trim() ||
    element.alt ||
    ''
  const where = element => `${element.tagName.toLowerCase()} ${element.id} ${element.textContent.trim().slice(0, 30)}`

  if (document.documentElement.lang === '') faults.push('no language')
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1')
  if (document.querySelectorAll('main').length !== 1) faults.push('not one main')
  const ids = all.map(element => element.id).filter(id => id !== '')
  if (new Set(ids).size !== ids.length) faults.push('an id comes twice')
  const levels = [...document.querySelectorAll('h1, h2, h3')].map(({ tagName }) => Number(tagName[1]))
  if (levels.some((level, index) => index > 0 && level > levels[index - 1] + 1))
    faults.push('a level of headings is left out')
  for (const element of document.querySelectorAll('a, button, input:not([type=hidden]), textarea, select, meter'))
    if (said(element) === '') faults.push(`without a name: ${where(element)}`)
  for (const image of document.querySelectorAll('img')) if (!image.hasAttribute('alt')) faults.push('image without alt')
  for (const list of document.querySelectorAll('ul, ol'))
    if ([...list.children].some(({ tagName }) => tagName !== 'LI'))
      faults.push(`a list of other things: ${where(list)}`)
  if (document.documentElement.scrollWidth > window.innerWidth)
    faults.push(`wider than the window: ${document.documentElement.scrollWidth}`)

  for (const element of document.querySelectorAll(
    'nav a, button, .button, input:not([type=hidden]), textarea, select',
  )) {
    const { width, height } = element.getBoundingClientRect()
    if (width < 24 || height < 24) faults.push(`too small to hit: ${where(element)}`)
  }

  /** Red, green and blue from 0 to 255, and how much of it covers. */
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const toRgb = color => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data
    return { rgb: [red, green, blue], alpha: alpha / 255 }
  }
  const luminance = rgb => {
    const [red, green, blue] = rgb.map(value => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const behind = element => {
    for (let each = element; each !== null; each = each.parentElement) {
      const { rgb, alpha } = toRgb(getComputedStyle(each).backgroundColor)
      if (alpha === 1) return rgb
    }
    return [255, 255, 255]
  }
  for (const element of seen) {
    const hasText = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim() !== '')
    if (!hasText || element.closest('#news, .skip, option') !== null) continue
    const [one, other] = [luminance(toRgb(getComputedStyle(element).color).rgb), luminance(behind(element))]
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(2)}: ${where(element)}`)
  }
  return faults
})()
