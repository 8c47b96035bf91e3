// needs formula.js descent.js
// The fingerprint of a step rule on points of the plane (see ibnotes/fingerprints: geometry.py and symmetries.py).
"use strict";
{
  const { dot, norm, logSpaced, parseFormula } = ibnotes;

  const [LR, EPS] = [0.1, 1e-8];
  const KINDS = new Map([["g", "vector"], ["m", "vector"], ["v", "vector"], ["last", "vector"], ["t", "number"],
    ["b1", "number"], ["b2", "number"], ["eps", "number"]]);

  /** A rule as optimizers.js makes them: w -= LR * formula; m, v average g and g² with memories b1, b2. */
  const stepRule = (text, b1, b2) => {
    const formula = parseFormula(text, KINDS);
    return () => {
      let [mean, square] = [[0, 0], [0, 0]];
      const at = new Map([["b1", b1], ["b2", b2], ["eps", EPS], ["t", 0]]);
      return (w, g) => {
        at.set("t", at.get("t") + 1).set("last", mean).set("g", g);
        mean = g.map((entry, j) => b1 * mean[j] + (1 - b1) * entry);
        square = g.map((entry, j) => b2 * square[j] + (1 - b2) * entry * entry);
        const step = formula(at.set("m", mean).set("v", square));
        for (let j = 0; j < w.length; j++) w[j] -= LR * step[j];
      };
    };
  };

  /** The gradient of `lossScale * log mean_i exp(-<z_i, w>)`. */
  const logGradient = (Z, w, lossScale) => {
    const margins = Z.map((z) => dot(z, w));
    const least = Math.min(...margins);
    let sum = 0;
    const g = w.map(() => 0);
    for (let i = 0; i < Z.length; i++) {
      const q = Math.exp(least - margins[i]);
      sum += q;
      for (let j = 0; j < g.length; j++) g[j] -= q * Z[i][j];
    }
    return g.map((entry) => (lossScale * entry) / sum);
  };

  /** The weights from zero, up to the last that are finite: at most steps + 1. */
  const walk = (Z, make, steps, lossScale = 1) => {
    const step = make();
    const w = Z[0].map(() => 0);
    const found = [w.slice()];
    for (let k = 0; k < steps; k++) {
      step(w, logGradient(Z, w, lossScale));
      if (!w.every(Number.isFinite)) break;
      found.push(w.slice());
    }
    return found;
  };

  const scaled = (Z, scale) => Z.map((z) => z.map((entry) => scale * entry));
  const minus = (u, v) => u.map((entry, j) => entry - v[j]);
  const root = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

  const [PROBE, TRIALS, NEAR] = [64, 12, Math.log(1.5)];

  /** The scale of the points at which a step adds about `pace` to the margins, as near as some trials come. */
  const units = (make, Z, pace) => {
    let [scale, before, nearest] = [1, null, [Infinity, 1]];
    for (let trial = 0; trial < TRIALS; trial++) {
      const w = walk(scaled(Z, scale), make, PROBE);
      if (w.length <= PROBE) {
        [scale, before] = [scale / 30, null];
        continue;
      }
      const added = Z.map((z) => scale * dot(z, minus(w[PROBE], w[PROBE / 2])));
      const found = root(added) / Math.sqrt(added.length) / (PROBE / 2);
      if (found === 0) {
        [scale, before] = [scale * 30, null];
        continue;
      }
      const off = Math.abs(Math.log(found / pace));
      if (off < nearest[0]) nearest = [off, scale];
      if (off < NEAR) break;
      let power = 1.5;
      if (before !== null && Math.abs(Math.log(before[0] / scale)) > 0.1) {
        power = Math.min(Math.max(Math.log(found / before[1]) / Math.log(scale / before[0]), 0.7), 3);
      }
      [before, scale] = [[scale, found], scale * (pace / found) ** (1 / power)];
    }
    return nearest[1];
  };

  const WINDOWS = [0.125, 0.25, 0.5, 1];

  /** min_i <z_i, w> / ||w||_p over the max margin, for each of `norms`: pairs [p, max margin]. */
  const sharesOf = (Z, w, norms) => norms.map(([p, best]) => Math.min(...Z.map((z) => dot(z, w))) / norm(w, p) / best);

  /**
   * A run at a pace: {shares: what each window of it adds, steps, asked, moved, margin, counts, path}, the path being
   * the weights at the log-spaced `counts`.
   */
  const course = (make, Z, norms, pace, asked) => {
    const scale = units(make, Z, pace);
    const w = walk(scaled(Z, scale), make, asked);
    const marks = [0, ...WINDOWS.map((part) => Math.floor(part * asked))].filter((k) => k < w.length);
    const added = marks.slice(1).map((k, i) => minus(w[k], w[marks[i]]));
    const known = w[marks.at(-1)];
    const moved = added.length > 0 && norm(added.at(-1), Infinity) > 1e-9 * norm(known, Infinity);
    const counts = logSpaced(asked, 100).filter((k) => k > 0 && k < w.length);
    return {
      shares: added.map((own) => sharesOf(Z, own, norms)),
      steps: w.length - 1, asked, moved,
      margin: scale * Math.min(...Z.map((z) => dot(z, w.at(-1)))),
      counts, path: counts.map((k) => w[k]),
    };
  };

  const [REACHED, RIVAL, ARRIVING, NEARER, SETTLED] = [0.997, 0.95, 0.98, 0.7, 0.005];

  /** [norm, why], the norm one of `names` or "undecided": a share that rises to one, rivals far below. */
  const verdict = ({ shares, steps, asked, moved, margin }, names) => {
    if (steps < asked) return ["undecided", `diverges: its weights are not finite after step ${steps}`];
    if (!moved) return ["undecided", "stalls: it does not move the weights any more"];
    const [before, last] = shares.slice(-2);
    const top = last.indexOf(Math.max(...last));
    const rival = Math.max(...last.filter((_, i) => i !== top));
    const trend = `${names[top]} ${before[top].toFixed(3)} → ${last[top].toFixed(3)}`;
    const nearer = last[top] >= ARRIVING && 1 - last[top] <= NEARER * (1 - before[top]);
    if ((last[top] >= REACHED || nearer) && rival <= RIVAL) {
      return [names[top], `shares of the max margin ${trend}, no rival above ${rival.toFixed(2)}`];
    }
    if (margin <= 0) return ["undecided", "it does not separate the classes"];
    if (last.some((share, i) => Math.abs(share - before[i]) > SETTLED)) return ["undecided", `still moving: ${trend}`];
    const shown = names.map((name, i) => `${name} ${last[i].toFixed(3)}`).join(", ");
    return ["undecided", `at rest between norms, or too near to two of them: ${shown} of the max margins`];
  };

  const PACES = [0.1, 0.02]; // where the first decides nothing the second is tried

  /** {course, norm, reason}. */
  const geometry = (make, Z, norms, names, steps) => {
    let found = null;
    for (const pace of PACES) {
      const own = course(make, Z, norms, pace, steps);
      const [name, reason] = verdict(own, names);
      found = { course: own, norm: name, reason };
      if (name !== "undecided") break;
    }
    return found;
  };

  /** Largest difference of two paths over the largest weight; infinite where one ends earlier. */
  const deviation = (run, other) => {
    if (run.length !== other.length) return Infinity;
    const largest = Math.max(...run.map((w) => norm(w, Infinity)), Number.MIN_VALUE);
    return Math.max(...run.map((w, k) => norm(minus(w, other[k]), Infinity))) / largest;
  };

  const [STEPS, LOSS_SCALE, TURN] = [200, 8, 0.7];
  const turned = ([x, y]) => {
    const [c, s] = [Math.cos(TURN), Math.sin(TURN)];
    return [c * x - s * y, s * x + c * y];
  };
  const TRANSFORMATIONS = { "rotation": turned, "permutation": ([x, y]) => [y, x], "sign flips": ([x, y]) => [x, -y] };

  /** Deviation by name, of the run on transformed points from the transformed run. */
  const symmetries = (make, Z) => {
    const own = scaled(Z, units(make, Z, PACES[0]));
    const plain = walk(own, make, STEPS);
    const follows = ([name, change]) => [name, deviation(plain.map(change), walk(own.map(change), make, STEPS))];
    const anew = () => (w, g) => make()(w, g);
    return {
      ...Object.fromEntries(Object.entries(TRANSFORMATIONS).map(follows)),
      "loss scale": deviation(plain, walk(own, make, STEPS, LOSS_SCALE)),
      "history": deviation(plain, walk(own, anew, STEPS)),
    };
  };

  const names = { ruleWalk: walk, ruleCourse: course, ruleGeometry: geometry, ruleSymmetries: symmetries };
  Object.assign(ibnotes, { stepRule, sharesOf, ...names });
}
