// needs numerics.js
// Max margins in the plane, and whether there is one.
"use strict";
{
  const { dot, norm, solve } = ibnotes;
  const SUPPORT_SLACK = 1e-8; // as in ibnotes/oracles.py
  const SEPARATION = 1e-9; // likewise

  const signed = (X, y) => X.map((x, i) => x.map((entry) => y[i] * entry));
  const cross = (u, v) => u[0] * v[1] - u[1] * v[0];
  const pairs = (n) => Array.from({ length: n }, (_, i) => Array.from({ length: i }, (_, j) => [j, i])).flat();

  /** The radius min_i <z_i, u> / ||u||_p is largest at a kink of the norm (p = 2: at a point) or of the minimum. */
  const candidates = (Z, p) => {
    const kinks = { 1: [[1, 0], [0, 1]], 2: Z, [Infinity]: [[1, 1], [1, -1]] }[p];
    const ties = pairs(Z.length).map(([i, j]) => [Z[j][1] - Z[i][1], Z[i][0] - Z[j][0]]);
    return [...kinks, ...ties].flatMap((u) => [u, u.map((entry) => -entry)]).filter((u) => norm(u) > 0);
  };

  const smallest = (Z, u) => Math.min(...Z.map((z) => dot(z, u)));

  const widest = (Z, p) =>
    candidates(Z, p)
      .map((u) => ({ u, margin: smallest(Z, u) / norm(u, p) }))
      .reduce((best, next) => (next.margin > best.margin ? next : best));

  /** Weights c >= 0, sum 1, with sum_i c_i z_i = 0 (Gordan): two or three points suffice in the plane. */
  const certificate = (Z) => {
    for (const [j, k] of pairs(Z.length)) {
      for (let i = 0; i < j; i++) {
        const weights = [cross(Z[j], Z[k]), cross(Z[k], Z[i]), cross(Z[i], Z[j])];
        const sum = weights[0] + weights[1] + weights[2];
        if (sum !== 0 && weights.every((c) => c / sum >= 0)) {
          return Z.map((_, l) => ([i, j, k].includes(l) ? weights[[i, j, k].indexOf(l)] / sum : 0));
        }
      }
    }
    return Z.map(() => NaN); // all points on one line
  };

  class NotSeparable extends Error {
    constructor(Z) {
      super("no line through the origin separates the data");
      this.certificate = certificate(Z);
    }
  }

  /** Multipliers of the l2 program: w = sum_i dual_i z_i, on at most two of the support vectors. */
  const multipliers = (Z, w, support) => {
    const dual = Z.map(() => 0);
    const alone = support.find((i) => Math.abs(cross(Z[i], w)) <= 1e-12 * norm(Z[i]) * norm(w));
    if (alone !== undefined) {
      dual[alone] = norm(w) / norm(Z[alone]);
      return dual;
    }
    const around = (i, j) => cross(Z[i], w) * cross(Z[j], w) < 0;
    const [i, j] = pairs(support.length).map(([a, b]) => [support[a], support[b]]).find(([a, b]) => around(a, b));
    [dual[i], dual[j]] = solve([[Z[i][0], Z[j][0]], [Z[i][1], Z[j][1]]], w);
    return dual;
  };

  /** As ibnotes.max_margin, in the plane: {w, margin, support}, and for norm 2 its dual. Throws NotSeparable. */
  const maxMargin = (X, y, p = 2) => {
    const Z = signed(X, y);
    const lengths = Z.map((z) => norm(z));
    const rows = Z.map((z, i) => z.map((entry) => entry / lengths[i]));
    if (Math.min(...lengths) === 0 || !(widest(rows, Infinity).margin > SEPARATION)) throw new NotSeparable(Z);
    const { u, margin } = widest(Z, p);
    const w = u.map((entry) => entry / smallest(Z, u));
    const support = Z.flatMap((z, i) => (dot(z, w) <= 1 + SUPPORT_SLACK ? [i] : []));
    return { w, margin, support, dual: p === 2 ? multipliers(Z, w, support) : undefined };
  };

  /** Corners of the convex hull, counterclockwise (Andrew 1979). */
  const convexHull = (points) => {
    const sorted = points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
    const half = (order) => {
      const chain = [];
      for (const p of order) {
        const turns = () => cross(...[p, chain.at(-1)].map((q) => q.map((entry, j) => entry - chain.at(-2)[j])));
        while (chain.length > 1 && turns() >= 0) chain.pop();
        chain.push(p);
      }
      return chain.slice(0, -1);
    };
    return [...half(sorted), ...half(sorted.toReversed())];
  };

  Object.assign(ibnotes, { signed, cross, convexHull, maxMargin, NotSeparable });
}
