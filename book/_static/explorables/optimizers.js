// needs numerics.js
// Optimizers as torch and ibnotes/optimizers.py write them. Each is made once a run, as a function (w, g, factor) that
// moves the weights w in place against the gradient g, which it may overwrite; the factor is the schedule's.
"use strict";
{
  /** Replaces g by sum_j momentum^j of the gradients before, as torch's SGD does. */
  const heavyBall = (momentum) => {
    if (momentum === 0) return () => {};
    let sum = null;
    return (g) => {
      sum ??= g.map(() => 0);
      for (let j = 0; j < g.length; j++) g[j] = sum[j] = momentum * sum[j] + g[j];
    };
  };

  /** `w -= stepSize * g`. */
  const gradientDescent = (stepSize, momentum = 0) => {
    const remember = heavyBall(momentum);
    return (w, g, factor) => {
      remember(g);
      for (let j = 0; j < w.length; j++) w[j] -= factor * stepSize * g[j];
    };
  };

  // each turns the gradient g, in place, into the unit vector of its norm that g has the largest product with

  const largestEntry = (g) => {
    let place = 0;
    for (let j = 1; j < g.length; j++) if (Math.abs(g[j]) > Math.abs(g[place])) place = j;
    for (let j = 0; j < g.length; j++) g[j] = j === place ? Math.sign(g[j]) : 0;
  };

  const unitVector = (g) => {
    let [size, sum] = [0, 0];
    for (const entry of g) size = Math.max(size, Math.abs(entry));
    if (size === 0) return;
    for (const entry of g) sum += (entry / size) ** 2; // squares of small gradients would underflow
    for (let j = 0; j < g.length; j++) g[j] /= size * Math.sqrt(sum);
  };

  const signs = (g) => {
    for (let j = 0; j < g.length; j++) g[j] = Math.sign(g[j]);
  };

  const STEEPEST = { 1: largestEntry, 2: unitVector, [Infinity]: signs };

  /** Every step has length `lr` in the `norm`: 1 (coordinate descent), 2 (normalized) or Infinity (sign descent). */
  const steepestDescent = (lr, norm, momentum = 0) => {
    const remember = heavyBall(momentum);
    return (w, g, factor) => {
      remember(g);
      STEEPEST[norm](g);
      for (let j = 0; j < w.length; j++) w[j] -= factor * lr * g[j];
    };
  };

  const adam = ({ lr, betas: [beta1, beta2], eps }) => {
    let [mean, square, count] = [null, null, 0];
    return (w, g, factor) => {
      mean ??= w.map(() => 0);
      square ??= w.map(() => 0);
      count += 1;
      const size = (factor * lr) / (1 - beta1 ** count);
      const root = Math.sqrt(1 - beta2 ** count);
      for (let j = 0; j < w.length; j++) {
        mean[j] += (1 - beta1) * (g[j] - mean[j]);
        square[j] = beta2 * square[j] + (1 - beta2) * g[j] * g[j];
        w[j] -= (size * mean[j]) / (Math.sqrt(square[j]) / root + eps);
      }
    };
  };

  Object.assign(ibnotes, { gradientDescent, steepestDescent, adam });
}
