const spokenShort: readonly [RegExp, string][] = [
  [/\be\.g\./gi, 'for example'],
  [/\bi\.e\./gi, 'that is'],
  [/\betc\./gi, 'et cetera'],
  [/\bno\. ?(?=\d)/gi, 'number '],
  [/\bMon\./g, 'Monday'],
  [/\bTues?\./g, 'Tuesday'],
  [/\bWed\./g, 'Wednesday'],
  [/\bThu(?:rs?)?\./g, 'Thursday'],
  [/\bFri\./g, 'Friday'],
  [/\bSat\./g, 'Saturday'],
  [/\bSun\./g, 'Sunday'],
  [/ ?& ?/g, ' and '],
];

/**
 * The text as flite should get it; empty if it holds nothing to say. flite reads times, dates in
 * words, prices, titles and spaced digits well by itself; this mends what it gets wrong.
 */
export function textForFlite(text: string): string {
  let plain = withoutTypography(text)
    .replace(/\b\d{4}-\d{2}-\d{2}\b/g, dateInWords)
    .replace(/\S+@\S+\.\w+/g, addressInWords)
    // Capitals that make no word, and codes of letters and digits, are said sign by sign.
    .replace(/\b[B-DF-HJ-NP-TV-Z]{2,6}\b/g, spelled)
    .replace(/\b(?=[A-Z\d]*[A-Z])(?=[A-Z\d]*\d)[A-Z\d]{3,}\b/g, spelled);
  for (const [written, spoken] of spokenShort) plain = plain.replace(written, spoken);
  plain = plain.replace(/\s+/g, ' ').trim();
  return /[a-z\d]/i.test(plain) ? plain : '';
}

/** flite knows ASCII alone and stumbles over the rest. */
function withoutTypography(text: string): string {
  return text
    .replace(/[‘’]/g, "'")
    .replace(/[“”«»"]/g, '')
    .replace(/\s*[—–]\s*|…/g, ', ')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{ASCII}]/gu, ' ');
}

function dateInWords(written: string): string {
  const date = new Date(`${written}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return written;
  return date.toLocaleDateString('en-US', { dateStyle: 'long', timeZone: 'UTC' });
}

function addressInWords(written: string): string {
  return written.replaceAll('@', ' at ').replaceAll(/\.(?=\w)/g, ' dot ');
}

function spelled(code: string): string {
  return [...code].join(' ');
}
