import { compilePattern, type UnderstandingContext } from '../../src/understanding/index.ts';
import type { Slot } from '../../src/understanding/types.ts';

/** A Saturday, eleven o'clock in London. */
export const context: UnderstandingContext = {
  nowMs: Date.parse('2026-07-25T10:00:00Z'),
  timeZone: 'Europe/London',
  region: 'GB',
};

export function slot(name: string, type: Slot['type'], more: Partial<Slot> = {}): Slot {
  return { name, type, options: [], confirm: false, sensitive: false, invalidates: [], ...more };
}

export const account = slot('account', 'enum', {
  options: [
    { value: 'personal', synonyms: ['private'] },
    { value: 'business', synonyms: ['company', 'work account'] },
    { value: 'credit_card', synonyms: [] },
    { value: 'debit_card', synonyms: [] },
  ],
});
export const birthDate = slot('birth_date', 'date');
export const appointment = slot('appointment_date', 'date');
export const someDate = slot('day', 'date');
export const time = slot('time', 'time');
export const when = slot('when', 'datetime');
export const pin = slot('id_number', 'digits', { length: 4 });
export const phone = slot('phone', 'phone');
export const email = slot('email', 'email');
export const agreed = slot('agreed', 'boolean');
export const amount = slot('amount', 'number');
export const people = slot('people', 'integer');
export const policy = slot('policy', 'text', {
  pattern: compilePattern('^[A-Z]{2}\\d{4}$'),
});
