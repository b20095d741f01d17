import { english } from './english.ts';
import { indexPhrases, isMark, isWord, phraseLength, type Token, tokenise } from './tokens.ts';
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
  const forms = formsOf(tokens);
  return {
    text,
    tokens,
    words,
    normalised: words.map((word) => word.text).join(' '),
    isQuestion: forms.includes('question'),
    isRequest: forms.includes('request'),
    hasNegation: words.some((word) => word.kind === 'negation' || word.kind === 'doubt'),
    hasContrast: words.some((word) => word.kind === 'contrast'),
  };
}

type Form = 'question' | 'request' | 'statement';

/** Sentences by their end marks; within one, clauses by commas, "but" and "and". */
function formsOf(tokens: readonly Token[]): Form[] {
  const forms: Form[] = [];
  let sentence: Form[] = [];
  let clause: Token[] = [];
  const endClause = () => {
    if (clause.length > 0) sentence.push(formOf(clause));
    clause = [];
  };
  const endSentence = (asked: boolean) => {
    endClause();
    // The mark belongs to the whole: "Can I book a table, please?" asks nothing.
    if (asked && !sentence.includes('request')) sentence.push('question');
    forms.push(...sentence);
    sentence = [];
  };
  for (const token of tokens) {
    if (isMark(token, '.;!?')) endSentence(token.text === '?');
    else if (isMark(token, ',') || isWord(token, english.but) || isWord(token, english.and))
      endClause();
    else clause.push(token);
  }
  endSentence(false);
  return forms;
}

function formOf(tokens: readonly Token[]): Form {
  if (hidesQuestion(tokens)) return 'question';
  let start = 0;
  while (start < tokens.length && isWord(tokens[start], english.openers)) start += 1;
  if (phraseLength(tokens, start, REQUESTS) > 0) return 'request';
  const [first, second] = tokens.slice(start);
  if (isQuestionWord(first)) return 'question';
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
