import { PatternError, tokensOf, type Token } from './tokens';

/** What is compared: `file:hashes.'SHA-256'` is the step `hashes`, then `SHA-256` of a `file`; indexes are left out. */
export interface ObjectPath {
  object: string;
  steps: readonly string[];
}

export interface Comparison {
  kind: 'comparison';
  path: ObjectPath;
  /** As the grammar has it, in capitals: `=`, `IN`, `LIKE`. */
  operator: string;
  negated: boolean;
  /** One, or all of an `IN`; none of an `EXISTS`. */
  values: readonly string[];
}

/** Several of the same kind side by side: comparisons of one observation, or observations. */
export interface Joined {
  kind: 'or' | 'and' | 'all_observed' | 'in_turn';
  of: readonly Node[];
}

/** Observations that count only so often, or in that span of time. */
export interface Qualified {
  kind: 'qualified';
  of: Node;
  repeats: number;
  from?: string;
  until?: string;
}

export type Node = Comparison | Joined | Qualified;

/** Deeper parentheses are made to exhaust a stack. */
const DEEPEST = 50;
/** In signs; longer ones are made to exhaust a memory. */
const LONGEST = 1_000_000;

const SIGN_OPERATORS: Readonly<Record<string, string>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
};
const WORD_OPERATORS = ['LIKE', 'MATCHES', 'ISSUBSET', 'ISSUPERSET'];

/**
 * A STIX 2.0 or 2.1 pattern as a tree. More is understood than the standard allows where tools write it: keywords in
 * small letters, names of hashes without quotes or in double ones.
 * @throws PatternError when it is no pattern
 */
export function parsePattern(text: string): Node {
  if (text.length > LONGEST) throw new PatternError(`longer than ${LONGEST} signs, cut`, LONGEST + 1);
  return new Parser(tokensOf(text)).pattern();
}

/** One method for each rule of the grammar. */
class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  pattern(): Node {
    const node = this.observations();
    if (this.next.kind !== 'end') throw this.unexpected('AND, OR, FOLLOWEDBY or the end');
    return node;
  }

  private observations(): Node {
    const all = (): Node => this.joined('all_observed', 'AND', () => this.observation());
    const any = (): Node => this.joined('or', 'OR', all);
    return this.joined('in_turn', 'FOLLOWEDBY', any);
  }

  private observation(): Node {
    const node = this.isSign('(')
      ? this.nested(')', () => this.observations())
      : this.nested(']', () => this.comparisons(), '[');
    return this.qualified(node);
  }

  private comparisons(): Node {
    return this.joined('or', 'OR', () => this.joined('and', 'AND', () => this.comparison()));
  }

  private comparison(): Node {
    if (this.isSign('(')) return this.nested(')', () => this.comparisons());
    const negated = this.takeWord('NOT');
    if (this.isWord('EXISTS') && this.tokens[this.at + 1]?.text !== ':') {
      this.at += 1;
      return { kind: 'comparison', path: this.path(), operator: 'EXISTS', negated, values: [] };
    }
    const path = this.path();
    const denied = this.takeWord('NOT');
    const operator = this.operator();
    const values = operator === 'IN' ? this.list() : [this.value()];
    return { kind: 'comparison', path, operator, negated: negated || denied, values };
  }

  private path(): ObjectPath {
    const object = this.take('word', 'the type of an object').text;
    this.takeSign(':');
    const steps = [this.step()];
    for (;;) {
      if (this.isSign('.')) {
        this.at += 1;
        steps.push(this.step());
      } else if (this.isSign('[')) {
        this.at += 1;
        if (this.next.kind !== 'literal' && !this.isSign('*')) throw this.unexpected('an index');
        this.at += 1;
        this.takeSign(']');
      } else return { object, steps };
    }
  }

  private step(): string {
    return this.next.kind === 'string'
      ? this.take('string', '').text
      : this.take('word', 'the name of a property').text;
  }

  private operator(): string {
    const { kind, text } = this.next;
    const word = text.toUpperCase();
    const operator =
      kind === 'sign' && Object.hasOwn(SIGN_OPERATORS, text)
        ? SIGN_OPERATORS[text]
        : kind === 'word' && ['IN', ...WORD_OPERATORS].includes(word)
          ? word
          : undefined;
    if (operator === undefined) throw this.unexpected('a comparison such as =');
    this.at += 1;
    return operator;
  }

  private value(): string {
    const { kind, text } = this.next;
    if (kind !== 'string' && kind !== 'literal' && !(kind === 'word' && /^(?:true|false)$/i.test(text))) {
      throw this.unexpected('a value in quotes');
    }
    this.at += 1;
    return text;
  }

  private list(): string[] {
    this.takeSign('(');
    const values: string[] = [];
    for (;;) {
      values.push(this.value());
      if (!this.isSign(',')) break;
      this.at += 1;
    }
    this.takeSign(')');
    return values;
  }

  private qualified(of: Node): Node {
    let node = of;
    for (;;) {
      if (this.takeWord('WITHIN')) {
        this.number();
        this.needWord('SECONDS');
      } else if (this.takeWord('REPEATS')) {
        node = { kind: 'qualified', of: node, repeats: this.number() };
        this.needWord('TIMES');
      } else if (this.takeWord('START')) {
        const from = this.value();
        this.needWord('STOP');
        node = { kind: 'qualified', of: node, repeats: 1, from, until: this.value() };
      } else return node;
      if ((this.depth += 1) > DEEPEST) throw this.unexpected('fewer qualifiers');
    }
  }

  private joined(kind: Joined['kind'], word: string, each: () => Node): Node {
    const of = [each()];
    while (this.takeWord(word)) of.push(each());
    return of.length === 1 && of[0] ? of[0] : { kind, of };
  }

  private nested(close: string, inside: () => Node, open = '('): Node {
    this.takeSign(open);
    if ((this.depth += 1) > DEEPEST) throw this.unexpected(`less than ${DEEPEST} parentheses in each other`);
    const node = inside();
    this.depth -= 1;
    this.takeSign(close);
    return node;
  }

  private get next(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: 'the end', position: 0 };
  }

  private isSign(sign: string): boolean {
    return this.next.kind === 'sign' && this.next.text === sign;
  }

  private isWord(word: string): boolean {
    return this.next.kind === 'word' && this.next.text.toUpperCase() === word;
  }

  private take(kind: Token['kind'], wanted: string): Token {
    const token = this.next;
    if (token.kind !== kind) throw this.unexpected(wanted);
    this.at += 1;
    return token;
  }

  private takeSign(sign: string): void {
    if (!this.isSign(sign)) throw this.unexpected(`"${sign}"`);
    this.at += 1;
  }

  private takeWord(word: string): boolean {
    const found = this.isWord(word);
    if (found) this.at += 1;
    return found;
  }

  private needWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected(word);
  }

  private number(): number {
    return Number(this.take('literal', 'a number').text);
  }

  private unexpected(wanted: string): PatternError {
    return new PatternError(`${wanted} expected, not ${this.next.text.slice(0, 40)},`, this.next.position);
  }
}
