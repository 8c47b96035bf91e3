// The page of results: sections, statements, claims and functions, ranked by MiniSearch; all from disk.
"use strict";

(() => {
  // what readers say, and what the notes say
  const SYNONYMS = [
    ["learning rate", "step size"],
    ["svm", "support vector machine", "max margin"],
    ["hard margin", "max margin"],
    ["sparse", "sparsity", "lasso", "l1 norm"],
    ["low rank", "nuclear norm"],
    ["trace norm", "nuclear norm"],
    ["weight decay", "adamw"],
    ["signsgd", "sign descent"],
    ["bias term", "intercept", "constant feature"],
    ["inseparable", "not separable", "nonseparable"],
    ["batch size", "mini-batches", "one point a step"],
    ["minibatch", "mini-batches"],
    ["overparametrized", "overparameterized", "more features than points", "infinitely many solutions"],
    ["converge", "limit", "tends"],
    ["neural network", "network"],
    ["cross entropy", "logistic loss"],
    ["homework", "problem set"],
    ["initialisation", "initialization", "start", "small start"],
    ["ridge", "penalty"],
    ["generalisation", "generalization", "risk"],
    ["speed", "rate", "how fast"],
  ];
  const KINDS = { statement: 1.7, section: 1.3, claim: 0.9, function: 1.2, checks: 0.7, problem: 0.35 };
  const PAGES = { "book/bibliography.html": 0.3, "book/errata.html": 0.6, "book/notation.html": 0.6, "book/faults.html": 0.3, "book/subjects.html": 0.2, "book/index.html": 0.5, "book/atlas.html": 0.7 };
  const LABELS = { claim: "Claim", function: "Function", checks: "Checks", problem: "Problem set" };
  const DIGITS = { "₀": "0", "₁": "1", "₂": "2", "∞": "inf", "ℓ": "l" };

  const stemmer = new Stemmer();
  const skipped = new Set([...stopwords, "what", "which", "how", "why", "does", "do", "can", "my", "when", "where", "i"]);
  const apart = (text) => text.replace(/(\p{Ll})(?=\p{Lu}\p{Ll})/gu, "$1 "); // NotSeparable
  const plain = (text) => apart(text).toLowerCase().replace(/[₀₁₂∞ℓ]/g, (sign) => DIGITS[sign]).replace(/l_(?=[\d∞i])/g, "l");
  const british = (word) => word.replace(/is(e|es|ed|er|ers|ing|ation|ations)$/, "iz$1").replace(/our$/, "or");
  const processTerm = (term) => (skipped.has(term) ? null : stemmer.stemWord(british(term)));
  const tokenize = (text) => plain(text).match(/[\p{L}\p{N}]+/gu) ?? [];

  function widened(query) {
    const said = ` ${tokenize(query).join(" ")} `;
    const group = (words) => words.some((each) => said.includes(` ${tokenize(each).join(" ")} `));
    return [query, ...SYNONYMS.filter(group).flat()].join(" ");
  }

  const fields = ["title", "page", "text"];
  const documents = window.searchEntries.map(([kind, url, title, page, text], id) => ({ id, kind, url, title, page, text }));
  const index = new MiniSearch({ fields, storeFields: ["kind", "url"], tokenize, processTerm });
  index.addAll(documents);

  function search(query) {
    const own = new Set(tokenize(query).map(processTerm).filter(Boolean));
    const results = index.search(widened(query), {
      boost: { title: 3, page: 1.2 },
      prefix: (term) => term.length > 3,
      fuzzy: (term) => (term.length > 5 ? 0.15 : false),
      boostTerm: (term) => (own.has(term) ? 1 : 0.6),
      boostDocument: (_, __, { kind, url }) => KINDS[kind] * (PAGES[url.split("#")[0]] ?? 1),
    });
    // an answer with all words before one that repeats a few
    for (const each of results) each.score *= (0.2 + each.queryTerms.filter((term) => own.has(term)).length / own.size) ** 2;
    return results.sort((a, b) => b.score - a.score);
  }

  // the words around the first that was found, those found marked
  function excerpt(text, stems) {
    const found = (word) => tokenize(word).some((each) => stems.has(processTerm(each)));
    const all = text.split(" "), first = Math.max(0, all.findIndex(found) - 8), shown = all.slice(first, first + 36);
    const parts = shown.flatMap((word) => [found(word) ? Object.assign(document.createElement("mark"), { textContent: word }) : word, " "]);
    return [...(first ? ["… "] : []), ...parts, ...(first + 36 < all.length ? ["…"] : [])];
  }

  function item(result) {
    const { kind, url, title, page, text } = documents[result.id];
    const entry = document.createElement("li"), link = document.createElement("a"), words = document.createElement("p");
    link.href = url;
    link.textContent = title || page;
    const where = [LABELS[kind], title && page !== title ? page : null].filter(Boolean).join(", ");
    words.append(...excerpt(text, new Set(result.terms)));
    entry.append(link, where ? ` ${where}` : "", words);
    return entry;
  }

  function show(query) {
    const results = search(query), list = document.createElement("ol"), count = document.createElement("p");
    list.append(...results.slice(0, 20).map(item));
    count.textContent = results.length ? `${results.length} places, the nearest first` : "Nothing found. Other words?";
    count.role = "status";
    document.querySelector("#search-results").replaceChildren(count, list);
  }

  window.searchBook = search;
  const query = new URLSearchParams(location.search).get("q");
  if (!query) return;
  for (const field of document.querySelectorAll("form.bd-search input[name=q]")) field.value = query;
  show(query);
})();
