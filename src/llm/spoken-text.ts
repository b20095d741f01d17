/**
 * Words on their way to a voice. White space at both ends is left out, and a character made of two
 * code units is never cut in two. Each method returns what can be spoken by now.
 */
export class SpokenText {
  #begun = false;
  #space = '';
  #atGap = false;
  #half = '';

  write(text: string): string {
    let ready = '';
    for (let i = 0; i < text.length; i += 1) ready += this.#read(text.charAt(i));
    return ready;
  }

  /** Two pieces meet here: one space, whatever white space surrounds it. */
  gap(): void {
    this.#space = this.#begun ? ' ' : '';
    this.#atGap = true;
  }

  #read(char: string): string {
    if (/\s/.test(char)) {
      if (this.#begun && !this.#atGap) this.#space += char;
      return '';
    }
    const text = this.#half + char;
    if (/^[\uD800-\uDBFF]$/.test(text)) {
      this.#half = text;
      return '';
    }
    const ready = this.#space + text.toWellFormed();
    this.#begun = true;
    this.#atGap = false;
    this.#space = '';
    this.#half = '';
    return ready;
  }
}

/** Leaves out what models put around their text: backticks, and the language name of a code fence. */
export class FenceFilter {
  #ticks = 0;
  #language = '';

  read(char: string): string {
    if (char === '`') {
      this.#ticks += 1;
      return '';
    }
    if (this.#ticks >= 3 && /[a-z]/i.test(char)) {
      this.#language += char;
      return '';
    }
    const isFenceLine = /[\r\n]/.test(char) || this.#language === 'json';
    const kept = isFenceLine ? char : this.#language + char;
    this.reset();
    return kept;
  }

  /** What follows is no text; a language name before it is dropped. */
  reset(): void {
    this.#ticks = 0;
    this.#language = '';
  }
}

/** Whether the text ends inside a `<think>` block, as reasoning models on some servers write it. */
export function endsInThought(text: string): boolean {
  return text.lastIndexOf('<think>') > text.lastIndexOf('</think>');
}

/** Leaves thoughts out; where a server swallowed the opening tag, all that stands before the closing one. */
export function withoutThoughts(text: string): string {
  return text.replace(/^[\s\S]*<\/think>/, '').replace(/<think>[\s\S]*$/, '');
}
