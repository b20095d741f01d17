import type { Json } from '../json.ts';
import { readBooleans } from './boolean.ts';
import { localNow } from './calendar.ts';
import type { DateSettings, DateTendency } from './date-reading.ts';
import { readDateTimes } from './date-times.ts';
import { dateValue, readDates } from './dates.ts';
import { type DigitRun, readDigitRuns, readMisheardDigits } from './digits.ts';
import { readEmails } from './email.ts';
import { english } from './english.ts';
import { readNumbers } from './numbers.ts';
import { readOptions } from './options.ts';
import { readPhone } from './phone.ts';
import { readPatternTexts } from './text.ts';
import { readTimes, timeValue } from './times.ts';
import { type Token, tokenise } from './tokens.ts';
import type { Extraction, Slot, Span, UnderstandingContext } from './types.ts';
import { toWords } from './words.ts';

/** Every place where a value for this slot stands, also those that the caller takes back. */
export function findValues(text: string, slot: Slot, context: UnderstandingContext): Extraction[] {
  return readAll(text, tokenise(text), slot, context);
}

function readAll(
  text: string,
  tokens: readonly Token[],
  slot: Slot,
  context: UnderstandingContext,
): Extraction[] {
  const make = ({ from, to }: Span, value?: Json, status?: Extraction['status']): Extraction => {
    const words = text.slice(from, to);
    return {
      from,
      to,
      words,
      value: value ?? words,
      status: status ?? (value === undefined ? 'partial' : 'complete'),
    };
  };
  const spans = <T extends { first: number; next: number }>(
    readings: readonly T[],
    asValue: (reading: T) => Json | undefined,
  ) => readings.map((reading) => make(spanOf(tokens, reading), asValue(reading)));
  switch (slot.type) {
    case 'text':
      return readPatternTexts(text, tokens, slot);
    case 'digits':
      return digits(tokens, slot, context).map((run) => make(run, run.value, run.status));
    case 'phone':
      return phones(tokens, slot, context).map((run) => make(run, run.value, run.status));
    case 'number':
      return spans(readNumbers(tokens, explicitParts(tokens, slot, context)), ({ value }) => value);
    case 'integer': {
      const numbers = readNumbers(tokens, explicitParts(tokens, slot, context));
      return spans(
        numbers.filter(({ value }) => Number.isSafeInteger(value)),
        ({ value }) => value,
      );
    }
    case 'date':
      return spans(readDates(tokens, dateSettings(slot, context)), dateValue);
    case 'time':
      return spans(readTimes(tokens), timeValue);
    case 'datetime':
      return spans(readDateTimes(tokens, dateSettings(slot, context)), ({ value }) => value);
    case 'email':
      return spans(readEmails(tokens), ({ address }) => address);
    case 'enum':
      return readOptions(toWords(tokens), slot.options).map((option) => make(option, option.value));
    case 'boolean':
      return spans(readBooleans(tokens), ({ value }) => value);
  }
}

function spanOf(tokens: readonly Token[], { first, next }: { first: number; next: number }): Span {
  return { from: tokens[first]?.from ?? 0, to: tokens[next - 1]?.to ?? 0 };
}

/** How dates are read for a slot. Its name and description tell a birth date from an appointment. */
function dateSettings(slot: Slot, context: UnderstandingContext): DateSettings {
  return {
    now: localNow(context),
    tendency: tendencyOf(`${slot.name} ${slot.description ?? ''}`),
    monthFirst: context.region.toUpperCase() === 'US',
  };
}

function tendencyOf(words: string): DateTendency {
  if (english.birthSlot.test(words)) return 'birth';
  if (english.futureSlot.test(words)) return 'future';
  return english.pastSlot.test(words) ? 'past' : 'any';
}

/** The tokens that plainly belong to a date or a time, and so are no number of another kind. */
function explicitParts(
  tokens: readonly Token[],
  slot: Slot,
  context: UnderstandingContext,
): (index: number) => boolean {
  const settings: DateSettings = { ...dateSettings(slot, context), tendency: 'any' };
  const parts = [...readDates(tokens, settings), ...readTimes(tokens)].filter(
    (reading) => reading.explicit,
  );
  return (index) => parts.some(({ first, next }) => index >= first && index < next);
}

interface Rated extends Span {
  value: string;
  status: Extraction['status'];
}

function digits(tokens: readonly Token[], slot: Slot, context: UnderstandingContext): Rated[] {
  const rate = ({ digits, from, to }: DigitRun): Rated => ({
    from,
    to,
    value: digits,
    status: digitsStatus(digits, slot),
  });
  const misheard = readMisheardDigits(tokens);
  if (misheard !== undefined && misheard.digits.length === slot.length) return [rate(misheard)];
  return rateRuns(tokens, slot, context, rate);
}

function phones(tokens: readonly Token[], slot: Slot, context: UnderstandingContext): Rated[] {
  return rateRuns(tokens, slot, context, ({ digits, plus, from, to }) => {
    const said = plus ? `+${digits}` : digits;
    const reading = readPhone(said, context.region);
    if (reading.status !== 'complete') return { from, to, value: said, status: reading.status };
    const fits = slot.pattern === undefined || slot.pattern.fitsWhole(reading.e164);
    return { from, to, value: reading.e164, status: fits ? 'complete' : 'too_long' };
  });
}

/** Each run as a whole, or those of its parts that are complete where the whole is not. */
function rateRuns(
  tokens: readonly Token[],
  slot: Slot,
  context: UnderstandingContext,
  rate: (run: DigitRun) => Rated,
): Rated[] {
  return readDigitRuns(tokens, explicitParts(tokens, slot, context)).flatMap(({ whole, parts }) => {
    const all = rate(whole);
    if (all.status === 'complete') return [all];
    const complete = parts.map(rate).filter(({ status }) => status === 'complete');
    return complete.length > 0 ? complete : [all];
  });
}

/** No digits slot without a length holds more. */
const MOST_DIGITS = 64;

function digitsStatus(digits: string, { length, pattern }: Slot): Extraction['status'] {
  if (digits.length > (length ?? MOST_DIGITS)) return 'too_long';
  if (length !== undefined && digits.length < length) return 'partial';
  if (pattern === undefined || pattern.fitsWhole(digits)) return 'complete';
  if (length !== undefined) return 'too_long';
  const fittingStart = Array.from(digits, (_, count) => digits.slice(0, count)).some(
    (start) => start !== '' && pattern.fitsWhole(start),
  );
  return fittingStart ? 'too_long' : 'partial';
}
