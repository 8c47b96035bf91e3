// needs step_rule.js labelled_points.js direct_labels.js
// A step rule of one's own: where its direction goes in the plane, and what can be known of it from outside.
"use strict";
{
  const { norm, signed, tidy, html, maxMargin, latest, spread, nameLines, FormulaError } = ibnotes;
  const { stepRule, sharesOf, ruleGeometry, ruleSymmetries } = ibnotes;

  const POINTS = [[0.7, 0.6, 1], [-0.7, -0.3, -1], [2.5, 0.7, 1], [-2.6, 1.7, -1], [2.6, -1.5, 1], [-1.2, -1.1, -1]];
  const NORMS = { ℓ1: [1, "red"], ℓ2: [2, "black"], "ℓ∞": [Infinity, "green"] };
  const NAMES = Object.keys(NORMS);
  const [STEPS, ROOM, REACH, FAR] = [2000, 40, 2.7, 10];
  const LOG = { to: Math.log, from: Math.exp };
  const EQUAL = 1e-6; // deviation of runs that are said to agree, as in the table of the atlas
  const BETAS = [0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999];
  const ADAM = "m/(1 - b1^t) / (sqrt(v/(1 - b2^t)) + eps)";

  // formula, memory of m, memory of v
  const RULES = {
    "gradient descent": ["g", 0.9, 0.95],
    "sign": ["sign(g)", 0.9, 0.95],
    "normalized": ["g / norm(g)", 0.9, 0.95],
    "momentum": ["m", 0.9, 0.95],
    "Adam": [ADAM, 0.9, 0.95],
    "Lion": ["sign(0.9*last + 0.1*g)", 0.99, 0.95],
  };
  const SAYS = {
    "rotation": ["Follows a rotation of the points", "yes", "no"],
    "permutation": ["Follows an exchange of the entries", "yes", "no"],
    "sign flips": ["Follows a change of sign", "yes", "no"],
    "loss scale": ["Takes no notice of eight times the loss", "yes", "no"],
    "history": ["Remembers earlier gradients", "no", "yes"],
  };
  const SYMMETRIES = Object.keys(SAYS).slice(0, 3);
  const HINT =
    "w ← w − η · rule. g: the gradient; m, v: averages of g and g², of memory b1 and b2; last: m before this " +
    "step; t: the step's number; eps; sign, sqrt, abs, norm, norm1, max, min, sum, exp, log, tanh; + − * / ^ ( ).";

  ibnotes.explorable("own_rule", (ui) => {
    const plane = ui.plot({
      label: "The points, the path of the rule's direction, and the directions of three max margins",
      x: { domain: [-3, 3], label: "x₁" },
      y: { domain: [-3, 3], label: "x₂" },
      equal: true,
    });
    const trace = ui.plot({
      label: "The rule's margins in three norms over the max margins, against steps",
      x: { domain: [1, ROOM * STEPS], label: "steps", scale: LOG, ticks: [1, 10, 100, 1000] },
      y: { domain: [0, 1.1], label: "margin / max margin", ticks: [0, 0.25, 0.5, 0.75, 1] },
      height: plane.height,
    });
    const rays = NAMES.map((name) => [plane.line("theory"), plane.text("middle", NORMS[name][1])]);
    const [path, end] = [plane.line("purple"), plane.dot("purple")];
    const whole = trace.line("theory");
    const curves = NAMES.map((name) => trace.line(NORMS[name][1]));
    const ends = NAMES.map((name) => trace.text("start", NORMS[name][1]));
    const { labels: y, names, X: points } = ibnotes.labelledPoints(ui, plane, POINTS);

    const row = ([name, [words]]) => [name, html("td"), html("td"), html("th", { scope: "row" }, words)];
    const cells = Object.entries(SAYS).map(row);
    const titles = [html("td"), html("td"), html("th", { scope: "col" }, "two runs differ by")];
    const rows = cells.map(([, answer, number, words]) => html("tr", {}, words, answer, number));
    const [head, body] = [html("thead", {}, html("tr", {}, ...titles)), html("tbody", {}, ...rows)];
    ui.add({ node: html("div", { class: "wide" }, html("table", { class: "fingerprint" }, head, body)) });

    const field = ui.field({ label: "Your rule", value: ADAM, hint: HINT });
    const memory = (label, value) => {
      const at = { min: 0, max: BETAS.length - 1, step: 1, value: BETAS.indexOf(value), format: (k) => tidy(BETAS[k]) };
      return ui.slider({ label, ...at });
    };
    const [b1, b2] = [memory("Memory b1", 0.9), memory("Memory b2", 0.95)];
    const write = ([text, one, two]) => {
      field.value = text;
      [b1.value, b2.value] = [BETAS.indexOf(one), BETAS.indexOf(two)];
    };
    ui.buttons("Take", Object.entries(RULES).map(([name, rule]) => [name, () => write(rule)]));
    ui.tries([
      [
        "root of a sign",
        () => write(["sign(g) * sqrt(abs(g))", 0.9, 0.95]),
        "Between gradient and sign: it follows exchanges and signs, no rotation, and points to none of the three.",
      ],
      [
        "one length for both",
        () => write(["m / sqrt(sum(v))", 0.9, 0.95]),
        "Adam with one square for all entries. It follows the rotation, so that no norm but ℓ2 is possible.",
      ],
      [
        "a large ε",
        () => write(["m / (sqrt(v) + 10)", 0.9, 0.95]),
        "Next to 10 the root of v is small: almost momentum, its norm ℓ2, and the loss's scale counts.",
      ],
    ]);

    const clear = () => {
      for (const mark of [...rays.flat(), path, end, whole, ...curves, ...ends]) mark();
      for (const [, answer, number] of cells) for (const cell of [answer, number]) cell.textContent = "–";
    };

    const drawMargins = (best, X) => {
      rays.forEach(([ray], i) => ray([[0, 0], best[i].w.map((entry) => (FAR * entry) / norm(best[i].w))]));
      nameLines(plane, rays.map(([, label], i) => [label, NAMES[i], best[i].w]), X, [1]);
      whole([[1, 1], [STEPS, 1]]);
    };

    /** The direction after k steps, farther out by log k. */
    const drawPath = (moved) => {
      const radius = (k) => (REACH * Math.log(1 + k)) / Math.log(1 + STEPS);
      const drawn = moved.map(([k, w]) => w.map((entry) => (radius(k) * entry) / norm(w)));
      path([[0, 0], ...drawn]);
      end(...drawn.at(-1));
    };

    const drawTrace = (shares) => {
      const [, unit] = trace.pixel;
      const [, last] = shares.at(-1);
      const heights = spread(last.map((share) => share - 4 * unit), 15 * unit, [unit, 1.1 - 14 * unit]);
      NAMES.forEach((name, i) => {
        curves[i](shares.map(([k, own]) => [k, own[i]]));
        ends[i](`${name} ${tidy(Number(last[i].toFixed(3)))}`, 1.25 * STEPS, heights[i]);
      });
    };

    const number = (own) => (own === Infinity ? "one ends early" : own === 0 ? "0" : tidy(Number(own.toPrecision(2))));

    const drawTable = (found) => {
      for (const [name, answer, amount] of cells) {
        const [, agree, differ] = SAYS[name];
        answer.textContent = found[name] <= EQUAL ? agree : differ;
        amount.textContent = number(found[name]);
      }
    };

    const decided = (name, reason) =>
      name === "undecided" ? `The norm is undecided: ${reason}.` : `Its margins point to ${name}: ${reason}.`;

    const fingerprint = latest((text, one, two, Z, norms) => {
      const make = stepRule(text, one, two);
      return { ...ruleGeometry(make, Z, norms, NAMES, STEPS), symmetries: ruleSymmetries(make, Z) };
    });

    const read = () => {
      try {
        stepRule(field.value, 0, 0);
        field.complain();
        return true;
      } catch (error) {
        if (!(error instanceof FormulaError)) throw error;
        field.complain(error.message, error.at, error.length);
        ui.say(`The rule cannot be read at character ${error.at + 1}: ${error.message}.`);
        return false;
      }
    };

    const sentence = ({ norm: name, reason, symmetries, course: { margin } }, [steps, last]) => {
      const follows = SYMMETRIES.filter((own) => symmetries[own] <= EQUAL);
      const shares = NAMES.map((own, i) => `${tidy(Number((100 * last[i]).toFixed(2)))}% of the ${own}`).join(", ");
      return (
        `The rule ${field.value} follows ${follows.join(", ") || "no rotation, permutation or sign flips"}. ` +
        `After ${steps} steps its smallest margin is ${tidy(Number(margin.toPrecision(4)))}, ${shares} max margin. ` +
        decided(name, reason)
      );
    };

    const draw = () => {
      const X = points();
      const Z = signed(X, y);
      const best = NAMES.map((name) => maxMargin(X, y, NORMS[name][0]));
      const norms = NAMES.map((name, i) => [NORMS[name][0], best[i].margin]);
      const found = fingerprint(field.value, BETAS[b1.value], BETAS[b2.value], Z, norms);
      const moved = found.course.path.map((w, i) => [found.course.counts[i], w]).filter(([, w]) => norm(w) > 0);
      drawMargins(best, X);
      if (moved.length === 0) return ui.say(`The rule ${field.value}: ${decided(found.norm, found.reason)}`);
      const shares = moved.map(([k, w]) => [k, sharesOf(Z, w, norms)]);
      drawPath(moved);
      drawTrace(shares);
      drawTable(found.symmetries);
      ui.say(sentence(found, shares.at(-1)));
    };

    const show = ibnotes.whereSeparable(ui, names, draw, clear, trace);
    return () => {
      clear();
      const readable = read();
      for (const plot of [plane, trace]) plot.dim(!readable);
      if (readable) show();
    };
  });
}
