// needs numerics.js
// Formulas of vectors: read by a grammar of their own, so that nothing but arithmetic can happen.
"use strict";
{
  const { norm } = ibnotes;
  const [LONGEST, DEEPEST] = [200, 40]; // characters; formulas inside of formulas
  const [NUMBER, VECTOR] = ["number", "vector"];

  /** What cannot be read, in words, and its place: `at`, and how many characters it takes up. */
  class FormulaError extends Error {
    constructor(message, at, length = 1) {
      super(message);
      Object.assign(this, { at, length });
    }
  }

  /** f of two values, entry by entry where one of them is a vector. */
  const entrywise = (f) => (a, b) => {
    if (Array.isArray(a)) return a.map((entry, j) => f(entry, Array.isArray(b) ? b[j] : b));
    return Array.isArray(b) ? b.map((entry) => f(a, entry)) : f(a, b);
  };
  const OPERATORS = new Map([
    ["+", entrywise((a, b) => a + b)],
    ["-", entrywise((a, b) => a - b)],
    ["*", entrywise((a, b) => a * b)],
    ["/", entrywise((a, b) => a / b)],
    ["^", entrywise((a, b) => a ** b)],
  ]);
  const ofEntries = (f) => ({ kind: (own) => own, value: entrywise((a) => f(a)) });
  const ofAll = (f) => ({ kind: () => NUMBER, value: (a) => f(Array.isArray(a) ? a : [a]) });
  const FUNCTIONS = new Map([
    ["sign", ofEntries(Math.sign)],
    ["abs", ofEntries(Math.abs)],
    ["sqrt", ofEntries(Math.sqrt)],
    ["exp", ofEntries(Math.exp)],
    ["log", ofEntries(Math.log)],
    ["tanh", ofEntries(Math.tanh)],
    ["norm", ofAll((a) => norm(a))],
    ["norm1", ofAll((a) => norm(a, 1))],
    ["max", ofAll((a) => Math.max(...a))],
    ["min", ofAll((a) => Math.min(...a))],
    ["sum", ofAll((a) => a.reduce((sum, entry) => sum + entry, 0))],
  ]);
  const SAME = new Map([
    ...[["**", "^"], ["−", "-"], ["·", "*"], ["×", "*"], ["√", "sqrt"], ["ε", "eps"]],
    ...[["β1", "b1"], ["β2", "b2"], ["β₁", "b1"], ["β₂", "b2"]],
  ]);
  const DIGITS = /(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)/.source;
  const NAME = /([A-Za-z][A-Za-z0-9]*|β[12₁₂]|ε|√)/.source;
  const SIGN = /(\*\*|[-+*/^()−·×²])/.source;
  const TOKEN = new RegExp(`\\s*(?:${DIGITS}|${NAME}|${SIGN})`, "y");

  /** [{kind, text, at}], the last one at the end of the text. */
  const tokens = (text) => {
    const found = [];
    TOKEN.lastIndex = 0;
    for (let at = 0; text.slice(at).trim() !== ""; at = TOKEN.lastIndex) {
      const match = TOKEN.exec(text);
      if (match === null) {
        const place = at + text.slice(at).search(/\S/);
        throw new FormulaError(`“${String.fromCodePoint(text.codePointAt(place))}” means nothing here`, place);
      }
      const own = match[1] ?? match[2] ?? match[3];
      const kind = match[1] !== undefined ? "number" : match[2] !== undefined ? "name" : "sign";
      found.push({ kind, text: SAME.get(own) ?? own, own, at: TOKEN.lastIndex - own.length });
    }
    return [...found, { kind: "end", text: "", own: "", at: text.length }];
  };

  /** A reader of tokens, going down: sums of products of signed powers. Nodes are {kind, value(names)}. */
  class Reader {
    #tokens;
    #place = 0;
    #depth = 0;
    #names;

    constructor(text, names) {
      this.#tokens = tokens(text);
      this.#names = names;
    }

    get #next() { return this.#tokens[this.#place]; }

    #take(...signs) {
      const { kind, text } = this.#next;
      return kind === "sign" && signs.includes(text) ? this.#tokens[this.#place++].text : null;
    }

    #fail(message, { at, own } = this.#next) {
      throw new FormulaError(message, at, Math.max(own.length, 1));
    }

    #both(sign, a, b) {
      const apply = OPERATORS.get(sign);
      const kind = a.kind === VECTOR || b.kind === VECTOR ? VECTOR : NUMBER;
      return { kind, value: (at) => apply(a.value(at), b.value(at)) };
    }

    whole() {
      const node = this.#sum();
      if (this.#next.kind !== "end") {
        if (this.#next.text === ")") this.#fail("this bracket closes none");
        this.#fail(`an operator is missing before “${this.#next.own}”`);
      }
      return node;
    }

    #sum() {
      this.#depth += 1;
      if (this.#depth > DEEPEST) this.#fail("too many formulas inside of formulas");
      let node = this.#product();
      for (let sign; (sign = this.#take("+", "-")); ) node = this.#both(sign, node, this.#product());
      this.#depth -= 1;
      return node;
    }

    #product() {
      let node = this.#signed();
      for (let sign; (sign = this.#take("*", "/")); ) node = this.#both(sign, node, this.#signed());
      return node;
    }

    #signed() {
      let minus = false;
      for (let sign; (sign = this.#take("-", "+")); ) minus = minus !== (sign === "-");
      const node = this.#power();
      return minus ? this.#both("*", { kind: NUMBER, value: () => -1 }, node) : node;
    }

    #power() {
      const base = this.#atom();
      if (this.#take("²")) return this.#both("^", base, { kind: NUMBER, value: () => 2 });
      if (!this.#take("^")) return base;
      this.#depth += 1;
      if (this.#depth > DEEPEST) this.#fail("too many formulas inside of formulas");
      const power = this.#signed();
      this.#depth -= 1;
      return this.#both("^", base, power);
    }

    #bracketed(opening) {
      const node = this.#sum();
      if (!this.#take(")")) {
        if (this.#next.kind === "end") this.#fail("this bracket is never closed", opening);
        this.#fail(`an operator or “)” is missing before “${this.#next.own}”`);
      }
      return node;
    }

    #atom() {
      const token = this.#next;
      if (this.#take("(")) return this.#bracketed(token);
      if (token.kind === "end") this.#fail("the formula ends where something is missing");
      if (token.kind === "sign") this.#fail(`something is missing before “${token.own}”`);
      this.#place += 1;
      if (token.kind === "number") {
        const number = Number(token.text);
        return { kind: NUMBER, value: () => number };
      }
      return FUNCTIONS.has(token.text) ? this.#call(token) : this.#name(token);
    }

    #call(token) {
      const { kind, value } = FUNCTIONS.get(token.text);
      const opening = this.#next;
      if (!this.#take("(")) this.#fail(`${token.own} needs brackets: ${token.text}(…)`, token);
      const inside = this.#bracketed(opening);
      return { kind: kind(inside.kind), value: (at) => value(inside.value(at)) };
    }

    #name(token) {
      if (!this.#names.has(token.text)) {
        this.#fail(`“${token.own}” is not known`, token);
      }
      return { kind: this.#names.get(token.text), value: (at) => at.get(token.text) };
    }
  }

  /**
   * The formula as a function of a Map of values. `names`: a Map of the names that it may use to "number" or "vector".
   * The value is a vector; throws FormulaError.
   */
  const parseFormula = (text, names) => {
    if (text.trim() === "") throw new FormulaError("the formula is empty; try g", 0);
    const [size, rest] = [text.length, text.length - LONGEST];
    if (rest > 0) throw new FormulaError(`longer than ${LONGEST} characters`, LONGEST, rest);
    const { kind, value } = new Reader(text, names).whole();
    if (kind === VECTOR) return value;
    throw new FormulaError("this is one number, and a step has two entries: multiply by g or by sign(g)", 0, size);
  };

  Object.assign(ibnotes, { parseFormula, FormulaError });
}
