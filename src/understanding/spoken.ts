import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Json } from '../json.ts';
import { parseIsoDate, parseIsoTime } from './calendar.ts';
import { spaced } from './options.ts';
import type { Slot } from './types.ts';
import { withSuffix } from './words.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** How a voice should say a value in English. What is not in normal form is said as it is. */
export function spokenValue(slot: Slot, value: Json): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  switch (slot.type) {
    case 'digits':
      return [...text].join(' ');
    case 'phone':
      return spokenPhone(text);
    case 'date':
      return spokenDate(text);
    case 'time':
      return spokenTime(text);
    case 'datetime': {
      const [date = '', time = ''] = text.split('T');
      return time === '' ? text : `${spokenDate(date)} at ${spokenTime(time)}`;
    }
    case 'email':
      return spokenEmail(text);
    case 'enum':
      return spaced(text);
    default:
      return text;
  }
}

function spokenDate(text: string): string {
  const date = parseIsoDate(text);
  if (date === undefined) return text;
  return `${MONTHS[date.month - 1]} ${withSuffix(date.day)}, ${date.year}`;
}

function spokenTime(text: string): string {
  const minuteOfDay = parseIsoTime(text);
  if (minuteOfDay === undefined) return text;
  if (minuteOfDay === 0) return 'midnight';
  if (minuteOfDay === 720) return 'noon';
  const hour = Math.floor(minuteOfDay / 60);
  const minute = minuteOfDay % 60;
  const clock =
    minute === 0 ? `${hour % 12 || 12}` : `${hour % 12 || 12}:${String(minute).padStart(2, '0')}`;
  return `${clock} ${hour < 12 ? 'AM' : 'PM'}`;
}

/** The groups that a number is written in at home, digit by digit. */
function spokenPhone(text: string): string {
  const national = parsePhoneNumberFromString(text)?.formatNational() ?? text;
  const groups = national.match(/\d+/g) ?? [];
  return groups.map((group) => [...group].join(' ')).join(', ');
}

const MARKS: Readonly<Record<string, string>> = {
  '@': ' at ',
  '.': ' dot ',
  _: ' underscore ',
  '-': ' dash ',
  '+': ' plus ',
};

function spokenEmail(text: string): string {
  return text
    .replace(/[@._+-]/g, (mark) => MARKS[mark] ?? mark)
    .replace(/\d+/g, (digits) => ` ${[...digits].join(' ')} `)
    .replace(/\s+/g, ' ')
    .trim();
}
