import { english } from './english.ts';
import { indexPhrases, isWord, phraseLength, type Token, tokenise } from './tokens.ts';
import { toWords, type Word } from './words.ts';

/** What can be told about an utterance before it is compared with anything. Immutable. */
export interface Utterance {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly words: readonly Word[];
  /** Lower case, no punctuation but apostrophes in words, numerals for number words. */
  readonly normalised: string;
  /** Asks for an answer. "Can I book a table?" does not: see `isRequest`. */
  readonly isQuestion: boolean;
  /** Asks, in the form of a question, for something to be done. */
  readonly isRequest: boolean;
  readonly hasNegation: boolean;
  readonly hasContrast: boolean;
}

const REQUESTS = indexPhrases(english.requests);

export function analyse(text: string): Utterance {
  const tokens = tokenise(text);
  const words = toWords(tokens);
  const clauses = splitClauses(tokens).map(formOf);
  return {
    text,
    tokens,
    words,
    normalised: words.map((word) => word.text).join(' '),
    isQuestion: clauses.includes('question'),
    isRequest: clauses.includes('request'),
    hasNegation: words.some((word) => word.kind === 'negation'),
    hasContrast: words.some((word) => word.kind === 'contrast'),
  };
}

interface Clause {
  tokens: readonly Token[];
  /** Ends with a question mark. */
  asked: boolean;
}

/** Parts between marks, and between "but" or "and" and what follows. */
function splitClauses(tokens: readonly Token[]): Clause[] {
  const clauses: Clause[] = [];
  let current: Token[] = [];
  const finish = (asked: boolean) => {
    if (current.length > 0) clauses.push({ tokens: current, asked });
    current = [];
  };
  for (const token of tokens) {
    if (token.kind === 'mark' && ',.;!?'.includes(token.text)) finish(token.text === '?');
    else if (isWord(token, english.but) || isWord(token, english.and)) finish(false);
    else current.push(token);
  }
  finish(false);
  return clauses;
}

function formOf({ tokens, asked }: Clause): 'question' | 'request' | 'statement' {
  let start = 0;
  while (start < tokens.length && isWord(tokens[start], english.openers)) start += 1;
  const [first, second] = tokens.slice(start);
  if (hidesQuestion(tokens)) return 'question';
  if (phraseLength(tokens, start, REQUESTS) > 0) return 'request';
  if (asked || (first !== undefined && isQuestionWord(first))) return 'question';
  const inverted = isWord(first, english.auxiliaries) && isWord(second, english.subjects);
  return inverted ? 'question' : 'statement';
}

/** "Tell me what it costs", "I'm wondering if you are open". */
function hidesQuestion(tokens: readonly Token[]): boolean {
  return tokens.some(
    (token, index) =>
      isWord(token, english.hiddenQuestions) &&
      tokens[index + 1] !== undefined &&
      (isQuestionWord(tokens[index + 1]) || isWord(tokens[index + 1], english.hiddenIf)),
  );
}

function isQuestionWord(token: Token | undefined): boolean {
  return (
    token?.kind === 'word' &&
    english.questionWords.has(token.text.replace(english.contractedEnding, ''))
  );
}
