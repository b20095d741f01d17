import type { UnderstandingContext } from './types.ts';

/** The wall clock in the call's time zone. */
export interface LocalNow {
  /** Days since 1970-01-01. */
  day: number;
  minuteOfDay: number;
}

export interface CalendarDate {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
}

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** A formatter costs 50 times what its use does; one is kept for each zone. */
function formatFor(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn-hc-h23', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

export function localNow({ nowMs, timeZone }: UnderstandingContext): LocalNow {
  const parts = new Map(
    formatFor(timeZone)
      .formatToParts(nowMs)
      .map((part) => [part.type, Number(part.value)] as const),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return {
    day: Math.floor(Date.UTC(part('year'), part('month') - 1, part('day')) / DAY_MS),
    minuteOfDay: part('hour') * 60 + part('minute'),
  };
}

/** Days since 1970-01-01; nothing for a date that is in no calendar, such as 30 February. */
export function toDay({ year, month, day }: CalendarDate): number | undefined {
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  const real =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real ? ms / DAY_MS : undefined;
}

export function fromDay(day: number): CalendarDate {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Monday is 1, Sunday 7. */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** The same day of another month; the last one where the month is shorter. */
export function addMonths(day: number, months: number): number {
  const { year, month, day: dayOfMonth } = fromDay(day);
  const index = year * 12 + month - 1 + months;
  const target = { year: Math.floor(index / 12), month: (index % 12) + 1 };
  for (let tried = dayOfMonth; tried >= 28; tried -= 1) {
    const found = toDay({ ...target, day: tried });
    if (found !== undefined) return found;
  }
  return toDay({ ...target, day: dayOfMonth }) ?? day;
}

/** `YYYY-MM-DD`. */
export function isoDate(day: number): string {
  const { year, month, day: dayOfMonth } = fromDay(day);
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(dayOfMonth)}`;
}

/** `HH:MM` from minutes since midnight. */
export function isoTime(minuteOfDay: number): string {
  return `${twoDigits(Math.floor(minuteOfDay / 60))}:${twoDigits(minuteOfDay % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** The date that a normal form names, if it is one. */
export function parseIsoDate(text: string): CalendarDate | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const date = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
  return toDay(date) === undefined ? undefined : date;
}

/** Minutes since midnight of a normal form `HH:MM`, if it is one. */
export function parseIsoTime(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2]);
}
