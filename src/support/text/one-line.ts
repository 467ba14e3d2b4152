/** Text for people and rows: no control characters, no line ends, no direction marks. */
export const ONE_LINE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u
