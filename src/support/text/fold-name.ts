/**
 * One spelling for all that people would take for the same name: compatibility forms, case (up and down again, so that ß is ss and a
 * final sigma a sigma), what shows as nothing, blanks around. Too much alike means a no, which somebody else can mend.
 */
export function foldName(name: string): string {
  return name
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .trim()
}
