import type { Json } from '../json.ts';
import { isoTime, parseIsoDate, parseIsoTime } from './calendar.ts';
import { isEmail } from './email.ts';
import { extractSlot } from './extract.ts';
import { spaced } from './options.ts';
import { readPhone } from './phone.ts';
import { fitting } from './text.ts';
import { MAX_UTTERANCE_LENGTH } from './tokens.ts';
import type { Slot, UnderstandingContext } from './types.ts';

export type Normalised = { ok: true; value: Json } | { ok: false; reason: string };

/** A value as a model or a tool wrote it, in normal form. The reason never holds the value itself. */
export function normaliseValue(slot: Slot, raw: Json, context: UnderstandingContext): Normalised {
  const value = typeof raw === 'object' ? undefined : normalForm(slot, raw, context);
  if (value === undefined) return { ok: false, reason: `not ${EXPECTED[slot.type]}` };
  return problemOf(slot, value) ?? { ok: true, value };
}

const EXPECTED: Readonly<Record<Slot['type'], string>> = {
  text: 'a text that is not empty',
  number: 'a number',
  integer: 'a whole number',
  digits: 'a string of digits',
  date: 'a date of the calendar',
  time: 'a time of day',
  datetime: 'a date with a time',
  phone: 'a phone number of full length',
  email: 'an e-mail address',
  enum: 'one of the options',
  boolean: 'true or false',
};

function problemOf(slot: Slot, value: Json): { ok: false; reason: string } | undefined {
  if (typeof value !== 'string') return undefined;
  if (
    slot.length !== undefined &&
    value.length !== slot.length &&
    (slot.type === 'digits' || slot.type === 'text')
  ) {
    return { ok: false, reason: `must have ${slot.length} characters, has ${value.length}` };
  }
  if (slot.pattern !== undefined && !slot.pattern.fitsWhole(value)) {
    return { ok: false, reason: 'does not match the pattern of the slot' };
  }
  return undefined;
}

function normalForm(
  slot: Slot,
  raw: string | number | boolean,
  context: UnderstandingContext,
): Json | undefined {
  const text = String(raw).trim();
  switch (slot.type) {
    case 'text':
      return text === '' ? undefined : (fitting(text, slot) ?? text);
    case 'number':
    case 'integer':
      return numberForm(slot, raw, text, context);
    case 'digits':
      return digitsForm(text) ?? wholeValue(text, slot, context);
    case 'date':
      return parseIsoDate(text.slice(0, 10)) !== undefined && /^.{10}(?:T.*)?$/.test(text)
        ? text.slice(0, 10)
        : wholeValue(text, slot, context);
    case 'time':
      return timeForm(text) ?? wholeValue(text, slot, context);
    case 'datetime':
      return dateTimeForm(text) ?? wholeValue(text, slot, context);
    case 'phone': {
      const reading = readPhone(text.replace(/[^\d+]/g, ''), context.region);
      if (reading.status === 'complete' && !/\p{L}/u.test(text)) return reading.e164;
      return wholeValue(text, slot, context);
    }
    case 'email':
      return isEmail(text.toLowerCase()) ? text.toLowerCase() : wholeValue(text, slot, context);
    case 'enum':
      return optionForm(text, slot) ?? wholeValue(text, slot, context);
    case 'boolean':
      if (raw === true || /^true$/i.test(text)) return true;
      if (raw === false || /^false$/i.test(text)) return false;
      return typeof raw === 'string' ? wholeValue(text, slot, context) : undefined;
  }
}

/** The one complete value of a text that was written as if spoken. */
function wholeValue(text: string, slot: Slot, context: UnderstandingContext): Json | undefined {
  if (text.length > MAX_UTTERANCE_LENGTH) return undefined;
  const complete = extractSlot(text, { ...slot }, context).filter(
    ({ status }) => status === 'complete',
  );
  const [first, second] = complete;
  return second === undefined || second.value === first?.value ? first?.value : undefined;
}

function numberForm(
  slot: Slot,
  raw: string | number | boolean,
  text: string,
  context: UnderstandingContext,
): Json | undefined {
  if (typeof raw === 'boolean') return undefined;
  const value =
    typeof raw === 'number'
      ? raw
      : /^[+-]?\d+(?:\.\d+)?$/.test(text)
        ? Number(text)
        : wholeValue(text, slot, context);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return slot.type === 'number' || Number.isSafeInteger(value) ? value : undefined;
}

function digitsForm(text: string): string | undefined {
  const digits = text.replace(/[\s.-]/g, '');
  return /^\d+$/.test(digits) ? digits : undefined;
}

/** "14:30", "9:05:00", "09:30Z" as `HH:MM`. */
function timeForm(text: string): string | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?$/.exec(text);
  const minute =
    match === null ? undefined : parseIsoTime(`${match[1]?.padStart(2, '0')}:${match[2]}`);
  return minute === undefined ? undefined : isoTime(minute);
}

function dateTimeForm(text: string): string | undefined {
  const [date = '', time = ''] = text.split(/[T\s]/);
  const clock = timeForm(time);
  return parseIsoDate(date) === undefined || clock === undefined ? undefined : `${date}T${clock}`;
}

function optionForm(text: string, slot: Slot): string | undefined {
  const name = (words: string) => spaced(words).toLowerCase();
  return slot.options.find(({ value, synonyms }) =>
    [value, ...synonyms].some((words) => name(words) === name(text)),
  )?.value;
}
