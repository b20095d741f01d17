import { z } from 'zod';
import { readPiece } from './digits.ts';
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
    if (!isMark(token, '@') && !isWord(token, english.at)) return;
    const name = readName(tokens, at);
    const domain = readDomain(tokens, at + 1);
    if (name === undefined || domain === undefined) return;
    const full = `${name.text}@${domain.text}`;
    if (isEmail(full)) found.push({ first: name.first, next: domain.next, address: full });
  });
  return found;
}

/** Words, letters and numbers before the "at", and what joins them, in order. */
function readParts(tokens: readonly Token[], at: number): Part[] {
  const parts: Part[] = [];
  let index = 0;
  while (index < at) {
    const number = readPiece(tokens, index);
    const joint = jointOf(tokens, index);
    const token = tokens[index];
    const next = number !== undefined && number.next <= at ? number.next : index + 1;
    if (number !== undefined && next === number.next)
      parts.push({ kind: 'characters', text: number.digits, first: index });
    else if (joint !== undefined) parts.push({ kind: 'joint', text: joint, first: index });
    else if (token !== undefined && isPart(token)) parts.push(wordPart(token, index));
    else parts.push({ kind: 'other', text: '', first: index });
    index = next;
  }
  return parts;
}

function wordPart(token: Token, first: number): Part {
  if (isWord(token, english.beforeEmail)) return { kind: 'other', text: '', first };
  const text = token.text.replaceAll("'", '');
  return { kind: text.length === 1 ? 'characters' : 'word', text, first };
}

interface Part {
  kind: 'word' | 'characters' | 'joint' | 'other';
  text: string;
  first: number;
}

/** Callers leave the dot between two names out, but hardly between more. */
const MOST_UNJOINED_WORDS = 2;

/** What stands before the "at", read backwards. */
function readName(
  tokens: readonly Token[],
  at: number,
): { text: string; first: number } | undefined {
  const parts = readParts(tokens, at);
  const name: Part[] = [];
  let unjoined = 0;
  for (const part of parts.reverse()) {
    if (part.kind === 'other') break;
    if (part.kind === 'word' && name[0]?.kind !== 'joint') unjoined += 1;
    if (unjoined > MOST_UNJOINED_WORDS) break;
    name.unshift(part);
  }
  while (name[0]?.kind === 'joint') name.shift();
  const [start] = name;
  return start && { text: name.map((part) => part.text).join(''), first: start.first };
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
  const digits = token.text.length > 1 ? readPiece([token], 0)?.digits : undefined;
  return digits ?? token.text.replaceAll("'", '');
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
