// needs numerics.js
// Singular values of a deep linear network whose target is diagonal and observed in full: one equation each.
"use strict";
{
  const { integrate } = ibnotes;

  /** A value of the product at `times`, the first being 0, from `depth` factors of size `scale`. */
  const singularValueFlow = (target, scale, depth, times) => {
    const velocity = (_, [a]) => [a ** (depth - 1) * (target - a ** depth)]; // of each factor a
    const curvature = depth > 1 ? (a) => (depth - 1) * a ** (depth - 2) : () => 0;
    const jacobian = (_, [a]) => [[curvature(a) * (target - a ** depth) - depth * a ** (2 * depth - 2)]];
    return integrate(velocity, jacobian, times, [scale], { rtol: 1e-8, atol: 1e-10 * scale }).map(([a]) => a ** depth);
  };

  /** The same value while the pull on it is still the target; Infinity from where it blows up. */
  const earlyGrowth = (pull, scale, depth, t) => {
    if (depth === 1) return scale + pull * t;
    if (depth === 2) return scale ** 2 * Math.exp(2 * pull * t);
    const left = 1 - (depth - 2) * scale ** (depth - 2) * pull * t;
    return left > 0 ? scale ** depth * left ** (-depth / (depth - 2)) : Infinity;
  };

  /** When the early growth of a value reaches its target. */
  const arrival = (target, scale, depth) => {
    if (depth === 1) return (target - scale) / target;
    if (depth === 2) return Math.log(target / scale ** 2) / (2 * target);
    const share = (scale ** depth / target) ** ((depth - 2) / depth);
    return (1 - share) / ((depth - 2) * scale ** (depth - 2) * target);
  };

  Object.assign(ibnotes, { singularValueFlow, earlyGrowth, arrival });
}
