type ScanStep =
  | { type: 'more' }
  /** The streamed field begins. */
  | { type: 'field' }
  /** A piece of the streamed field, unescaped. */
  | { type: 'text'; text: string }
  /** The object is complete. */
  | { type: 'closed' }
  /** JSON does not allow this character here. */
  | { type: 'unexpected' };

const MORE: ScanStep = { type: 'more' };
const ESCAPES = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * Reads one JSON object character by character and gives out one text field of it while it is
 * written. `json` is the rest: the object without that field's text. Line breaks and other control
 * characters inside a text are forgiven. Other mistakes are found when `json` is parsed, or reported
 * as `unexpected` where the character shows that this is no JSON.
 */
export class ObjectScanner {
  readonly #field: string;
  #raw = '';
  /** Open brackets, outermost first. */
  #open = '';
  /** What came last outside of texts: a bracket, `,`, `:`, or `v` for the end of a value. */
  #last = '';
  #place: 'between' | 'literal' | 'text' | 'field' = 'between';
  #escape = '';
  #expectsKey = false;
  /** The text that is being read, and the last key of the object itself; raw. */
  #text = '';
  #key = '';
  #fieldSeen = false;

  constructor(field: string) {
    this.#field = field;
  }

  /** The object so far, closed as if it ended here; no valid JSON if it cannot end here. */
  get json(): string {
    const quote = this.#place === 'field' ? '"' : '';
    return this.#open === '' ? this.#raw : `${this.#raw}${quote}}`;
  }

  /** Open braces; lists do not count. */
  get braces(): number {
    return this.#open.replaceAll('[', '').length;
  }

  /** Whether the place is directly in the object, in none of its lists and objects. */
  get atTop(): boolean {
    return this.#open === '{';
  }

  read(char: string): ScanStep {
    switch (this.#place) {
      case 'text':
        return this.#readText(char);
      case 'field':
        return this.#readField(char);
      case 'literal':
        if (/[\w.+-]/.test(char)) {
          this.#raw += char;
          return MORE;
        }
        this.#place = 'between';
        this.#last = 'v';
        return this.#readBetween(char);
      case 'between':
        return this.#readBetween(char);
    }
  }

  #readBetween(char: string): ScanStep {
    if (/\s/.test(char)) {
      this.#raw += char;
      return MORE;
    }
    if (!this.#allows(char)) return { type: 'unexpected' };
    this.#raw += char;
    if (char === '"') return this.#beginText();
    if (/[\w-]/.test(char)) {
      this.#place = 'literal';
      return MORE;
    }
    if (char === '}' || char === ']') {
      this.#open = this.#open.slice(0, -1);
      this.#last = 'v';
      return this.#open === '' ? { type: 'closed' } : MORE;
    }
    if (char === '{' || char === '[') this.#open += char;
    if (this.atTop && (char === '{' || char === ',')) this.#expectsKey = true;
    if (char === ':') this.#expectsKey = false;
    this.#last = char;
    return MORE;
  }

  #allows(char: string): boolean {
    switch (char) {
      case '}':
        return this.#open.endsWith('{') && this.#last !== ':';
      case ']':
        return this.#open.endsWith('[');
      case ':':
      case ',':
        return this.#last === 'v';
      case '"':
        return this.#last !== 'v';
      case '{':
        return this.#open === '' || ':,['.includes(this.#last);
      default:
        return (char === '[' || /[\dtfn-]/.test(char)) && ':,['.includes(this.#last);
    }
  }

  #beginText(): ScanStep {
    const isValue = this.atTop && !this.#expectsKey && this.#last === ':';
    if (isValue && this.#key === this.#field && !this.#fieldSeen) {
      this.#fieldSeen = true;
      this.#place = 'field';
      return { type: 'field' };
    }
    this.#place = 'text';
    this.#text = '';
    return MORE;
  }

  #readText(char: string): ScanStep {
    this.#raw += char < ' ' ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char;
    if (this.#escape !== '') this.#escape = '';
    else if (char === '\\') this.#escape = char;
    else if (char === '"') {
      if (this.#expectsKey) this.#key = this.#text;
      this.#endText();
      return MORE;
    }
    this.#text += char;
    return MORE;
  }

  #readField(char: string): ScanStep {
    if (this.#escape !== '') return this.#readEscape(char);
    if (char === '\\') {
      this.#escape = char;
      return MORE;
    }
    if (char === '"') {
      this.#raw += char;
      this.#endText();
      return MORE;
    }
    return { type: 'text', text: char };
  }

  #readEscape(char: string): ScanStep {
    if (this.#escape === '\\' && char !== 'u') {
      this.#escape = '';
      return { type: 'text', text: ESCAPES.get(char) ?? char };
    }
    this.#escape += char;
    if (this.#escape.length < '\\u0000'.length) return MORE;
    const code = Number.parseInt(this.#escape.slice(2), 16);
    this.#escape = '';
    return Number.isNaN(code) ? MORE : { type: 'text', text: String.fromCharCode(code) };
  }

  #endText(): void {
    this.#place = 'between';
    this.#last = 'v';
  }
}
