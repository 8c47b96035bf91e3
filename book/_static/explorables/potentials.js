// needs numerics.js
// Which solution of one equation a diagonal network selects, from its potential (see ibnotes/potentials.py).
"use strict";
{
  const { norm } = ibnotes;

  /** Where the increasing f, from 0 up, takes the value `target`, by bisection. */
  const invert = (f, target, high = 1) => {
    let low = 0;
    while (f(high) < target) [low, high] = [high, 2 * high];
    for (;;) {
      const middle = (low + high) / 2;
      if (middle <= low || middle >= high) return high;
      if (f(middle) < target) low = middle;
      else high = middle;
    }
  };

  const constants = (scale, depth) => ({ height: scale ** depth, theta: (depth - 2) / depth });

  /** The x with phi(x) = share * phi(top), phi(x) = (1 - exp(-theta x)) / theta. */
  const logGrowth = (share, top, theta) =>
    theta === 0 ? share * top : -Math.log(1 - share + share * Math.exp(-theta * top)) / theta;

  /** u^D - v^D where log u^D has grown by `up` in its share of the largest pull, and log v^D has shrunk. */
  const weight = (share, top, { height, theta }) =>
    height * (Math.exp(logGrowth(share, top, theta)) - Math.exp(logGrowth(-share, top, theta)));

  /** As ibnotes.min_potential_interpolant, for one row: {w, tops}, tops the growth of each log u^D. */
  const minPotentialInterpolant = ([a], [b], scale, depth) => {
    const about = constants(scale, depth);
    const largest = norm(a, Infinity);
    const shares = a.map((entry) => Math.abs(entry) / largest);
    const reach = (top) => {
      let sum = 0;
      for (const share of shares) sum += share * weight(share, top, about);
      return sum;
    };
    const target = Math.abs(b) / largest;
    const top = invert(reach, target, Math.log1p(target / about.height) || 1); // an upper bound already
    const w = a.map((entry, j) => Math.sign(entry * b) * weight(shares[j], top, about));
    return { w, tops: shares.map((share) => logGrowth(share, top, about.theta)) };
  };

  /** The integral of phi over a, from the start to height * exp(x), in units of `height`. */
  const integral = (x, theta) =>
    theta === 0 ? x * Math.exp(x) - Math.expm1(x) : (Math.expm1(x) - Math.expm1((1 - theta) * x) / (1 - theta)) / theta;

  const penalty = (top, theta) => integral(top, theta) + integral(logGrowth(-1, top, theta), theta);

  /** Q(w) of the chapter on deep linear networks, its gradient being X' lambda at the minimizer. */
  const potential = (w, scale, depth) => {
    const about = constants(scale, depth);
    const tops = w.map((entry) => invert((top) => weight(1, top, about), Math.abs(entry)));
    const sum = tops.reduce((total, top) => total + penalty(top, about.theta), 0);
    return (sum * about.height) / (depth ** 2 * scale ** (depth - 2));
  };

  /** The quarter w >= 0 of the level set through the point of the plane with these `tops`, from axis to axis. */
  const levelSet = (tops, scale, depth, count = 24) => {
    const about = constants(scale, depth);
    const cost = (top) => penalty(top, about.theta);
    const level = cost(tops[0]) + cost(tops[1]);
    const middle = weight(1, invert(cost, level / 2), about);
    const half = Array.from({ length: count + 1 }, (_, k) => {
      const low = middle * (k / count) ** 2; // the curve bends most near the axis
      const rest = level - cost(invert((top) => weight(1, top, about), low));
      return [low, weight(1, invert(cost, rest), about)];
    });
    return [...half, ...half.map(([low, high]) => [high, low]).reverse()];
  };

  Object.assign(ibnotes, { minPotentialInterpolant, potential, levelSet });
}
