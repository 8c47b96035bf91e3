// needs symmetric.js
// The risk of linear regression on isotropic features, given them, on average and in the limit (see ibnotes/risk.py).
"use strict";
{
  const { dot, transpose, gram, inverse } = ibnotes;

  const squares = (rows) => rows.reduce((sum, row) => sum + dot(row, row), 0);

  /**
   * Risk given X of full rank, its expectation over the noise taken exactly. With B the inverse of the smaller gram
   * matrix plus n penalty I, the noise part is the trace of B - n penalty B^2.
   */
  const linearRisk = (X, wStar, noise, penalty = 0) => {
    const ridge = X.length * penalty;
    const B = inverse(gram(X).map((row, i) => row.map((entry, j) => (i === j ? entry + ridge : entry))));
    const spread = B.reduce((sum, row, i) => sum + row[i], 0) - ridge * squares(B);
    return squares([missed(X, wStar, ridge, B)]) + noise * spread;
  };

  /** What ridge regression leaves of w*, without noise. */
  const missed = (X, wStar, ridge, B) => {
    if (X.length > X[0].length) return B.map((row) => ridge * dot(row, wStar));
    const fitted = X.map((x) => dot(x, wStar));
    const weights = B.map((row) => dot(row, fitted));
    return transpose(X).map((column, j) => wStar[j] - dot(column, weights));
  };

  /** Mean risk of the minimum-norm solution over Gaussian X (n, d), at every n. */
  const expectedRisk = (n, d, signal, noise) => {
    const freedom = Math.abs(d - n) - 1;
    const variance = freedom > 0 ? (noise * Math.min(n, d)) / freedom : noise > 0 ? Infinity : 0;
    return signal * Math.max(0, 1 - n / d) + variance;
  };

  /** Limit of the risk as n and d grow with d / n -> aspect, for a positive penalty. */
  const ridgeRisk = (aspect, signal, noise, penalty) => {
    const b = 1 - aspect + penalty;
    const root = Math.sqrt(b * b + 4 * aspect * penalty);
    const t = b >= 0 ? (2 * penalty) / (b + root) : (root - b) / (2 * aspect);
    return (signal * t * (penalty + aspect * t) + noise * aspect * (1 - t)) / root;
  };

  const optimalPenalty = (aspect, signal, noise) => (noise * aspect) / signal;

  Object.assign(ibnotes, { linearRisk, expectedRisk, ridgeRisk, optimalPenalty });
}
