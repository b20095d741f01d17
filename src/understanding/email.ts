import { z } from 'zod';
import { readDigitRuns } from './digits.ts';
import { english } from './english.ts';
import { isMark, isWord, type Token, touches } from './tokens.ts';

/** An e-mail address in the tokens `[first, next)`. */
export interface EmailReading {
  first: number;
  next: number;
  address: string;
}

const address = z.email();

export function isEmail(text: string): boolean {
  return address.safeParse(text).success;
}

/** "anna at example dot com", "a n n a underscore 84 at example.co.uk", "anna@example.com". */
export function readEmails(tokens: readonly Token[]): EmailReading[] {
  const found: EmailReading[] = [];
  tokens.forEach((token, at) => {
    if (!isMark(token, '@') && !isWord(token, english.emailAt)) return;
    const name = readName(tokens, at);
    const domain = readDomain(tokens, at + 1);
    if (name === undefined || domain === undefined) return;
    const full = `${name.text}@${domain.text}`;
    if (isEmail(full)) found.push({ first: name.first, next: domain.next, address: full });
  });
  return found;
}

/** What stands before the "at", read backwards. Two plain words beside each other are one name at most. */
function readName(
  tokens: readonly Token[],
  at: number,
): { text: string; first: number } | undefined {
  let text = '';
  let first = at;
  let plainWords = 0;
  while (first > 0) {
    const token = tokens[first - 1];
    const joint = jointOf(tokens, first - 1);
    if (token === undefined) break;
    if (joint !== undefined && text !== '') {
      text = joint + text;
    } else if (isPart(token)) {
      const letter = token.text.length === 1;
      if (!letter && token.kind === 'word') {
        if (isWord(token, english.beforeEmail)) break;
        const glued = text === '' || '._-+'.includes(text.charAt(0));
        if (!glued) plainWords += 1;
        if (plainWords > 1) break;
      }
      text = asCharacters(token) + text;
    } else {
      break;
    }
    first -= 1;
  }
  while (first < at && jointOf(tokens, first) !== undefined) {
    text = text.slice(1);
    first += 1;
  }
  return text === '' ? undefined : { text, first };
}

function readDomain(
  tokens: readonly Token[],
  start: number,
): { text: string; next: number } | undefined {
  let text = '';
  let next = start;
  let end = start;
  let complete = '';
  for (;;) {
    const token = tokens[next];
    if (token === undefined) break;
    const joint = jointOf(tokens, next);
    const sentenceEnd = isMark(token, '.') && !touches(tokens, next + 1);
    if (joint !== undefined && joint !== '_' && joint !== '+' && text !== '' && !sentenceEnd) {
      text += joint;
    } else if (isPart(token) && (text === '' || !/[a-z]{2}$/.test(text) || touches(tokens, next))) {
      text += asCharacters(token);
      if (text.includes('.') && token.kind === 'word') {
        complete = text;
        end = next + 1;
      }
    } else {
      break;
    }
    next += 1;
  }
  return complete === '' ? undefined : { text: complete, next: end };
}

function isPart(token: Token): boolean {
  return (
    (token.kind === 'word' && /^[a-z']+$/.test(token.text)) ||
    (token.kind === 'number' && !token.ordinal)
  );
}

/** Digits for a number word, the letters of any other. */
function asCharacters(token: Token): string {
  const [run] = token.kind === 'word' && token.text.length > 1 ? readDigitRuns([token]) : [];
  return run?.whole.digits ?? token.text.replaceAll("'", '');
}

/** The character that a "dot" or a mark stands for. A comma or hyphen between spelled letters stands for nothing. */
function jointOf(tokens: readonly Token[], index: number): string | undefined {
  const token = tokens[index];
  if (token?.kind === 'word') return english.emailMarks.get(token.text);
  if (isMark(token, '-,') && token !== undefined && isBetweenLetters(tokens, index)) return '';
  return isMark(token, '._-+') ? token?.text : undefined;
}

function isBetweenLetters(tokens: readonly Token[], index: number): boolean {
  return tokens[index - 1]?.text.length === 1 && tokens[index + 1]?.text.length === 1;
}
