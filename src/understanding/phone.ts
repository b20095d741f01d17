import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  validatePhoneNumberLength,
} from 'libphonenumber-js';

/** What a string of digits is as a phone number. */
export type PhoneReading =
  | { status: 'complete'; e164: string }
  | { status: 'partial' }
  | { status: 'too_long' };

/** Digits as said, or E.164 with "+". Numbers without a country code belong to `region`. */
export function readPhone(digits: string, region: string): PhoneReading {
  const country = toCountry(region);
  const number = parsePhoneNumberFromString(
    digits,
    country === undefined ? {} : { defaultCountry: country },
  );
  if (number?.isValid() === true) return { status: 'complete', e164: number.number };
  const length = lengthProblem(digits, country);
  if (length === 'TOO_LONG') return { status: 'too_long' };
  // Not a number that is in use, but of full length: new ranges are opened all the time.
  const full = lengthProblem(`${digits}0`, country) === 'TOO_LONG';
  if (length === undefined && full && number !== undefined)
    return { status: 'complete', e164: number.number };
  return { status: 'partial' };
}

function lengthProblem(digits: string, country: CountryCode | undefined) {
  return country === undefined
    ? validatePhoneNumberLength(digits)
    : validatePhoneNumberLength(digits, country);
}

function toCountry(region: string): CountryCode | undefined {
  const upper = region.toUpperCase();
  return isSupportedCountry(upper) ? upper : undefined;
}
