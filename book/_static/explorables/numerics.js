// Shared numerics, without DOM. Modules cannot be loaded from file:// (their origin is null), so the
// explorables are classic scripts: each adds its public names to the one object `ibnotes`, and keeps the
// rest to itself in a block. Names, arguments and results follow the Python package's.
"use strict";
var ibnotes = {};
{
  const dot = (u, v) => {
    let sum = 0;
    for (let i = 0; i < u.length; i++) sum += u[i] * v[i];
    return sum;
  };

  const norm = (u, p = 2) => {
    const sizes = u.map(Math.abs);
    if (p === 1) return sizes.reduce((sum, x) => sum + x, 0);
    return p === Infinity ? Math.max(...sizes) : Math.hypot(...u);
  };

  const transpose = (A) => A[0].map((_, j) => A.map((row) => row[j]));

  /** LU factors of the square matrix A, rows swapped for the largest pivot; give them to `substitute`. */
  const factorize = (A) => {
    const LU = A.map((row) => row.slice());
    const order = LU.map((_, i) => i);
    for (let k = 0; k < LU.length; k++) {
      let p = k;
      for (let i = k + 1; i < LU.length; i++) if (Math.abs(LU[i][k]) > Math.abs(LU[p][k])) p = i;
      [LU[k], LU[p]] = [LU[p], LU[k]];
      [order[k], order[p]] = [order[p], order[k]];
      for (let i = k + 1; i < LU.length; i++) {
        LU[i][k] /= LU[k][k];
        for (let j = k + 1; j < LU.length; j++) LU[i][j] -= LU[i][k] * LU[k][j];
      }
    }
    return { LU, order };
  };

  const substitute = ({ LU, order }, b) => {
    const x = order.map((i) => b[i]);
    for (let i = 0; i < x.length; i++) for (let j = 0; j < i; j++) x[i] -= LU[i][j] * x[j];
    for (let i = x.length - 1; i >= 0; i--) {
      for (let j = i + 1; j < x.length; j++) x[i] -= LU[i][j] * x[j];
      x[i] /= LU[i][i];
    }
    return x;
  };

  /** The solution of Ax = b; entries are not finite where A is singular. */
  const solve = (A, b) => substitute(factorize(A), b);

  const ORDER = 6; // of the extrapolation in `integrate`

  /** y after `steps` linearly implicit Euler steps from x to x + h: (I - h'J)(y_new - y) = h' f(x_new, y). */
  const implicitEuler = (f, J, x, y, h, steps) => {
    const small = h / steps;
    const factors = factorize(J.map((row, i) => row.map((entry, j) => (i === j) - small * entry)));
    for (let k = 1; k <= steps; k++) {
      const step = substitute(factors, f(x + k * small, y).map((v) => small * v));
      y = y.map((v, i) => v + step[i]);
    }
    return y;
  };

  /** One extrapolated step, and the distance of its two best values in units of the tolerance. */
  const extrapolate = (f, J, x, y, h, { rtol, atol }) => {
    let row = [];
    for (let j = 1; j <= ORDER; j++) {
      const next = [implicitEuler(f, J, x, y, h, j)];
      for (let k = 1; k < j; k++) {
        const factor = 1 / (j / (j - k) - 1);
        next.push(next[k - 1].map((v, i) => v + (v - row[k - 1][i]) * factor));
      }
      row = next;
    }
    const [rough, best] = row.slice(-2);
    return { best, error: Math.max(...best.map((v, i) => Math.abs(v - rough[i]) / (atol + rtol * Math.abs(v)))) };
  };

  /**
   * Solve y' = f(x, y), stiff or not, with the Jacobian df/dy = jacobian(x, y); returns y at the ascending
   * points `xs`, y0 being at the first. Linearly implicit Euler, extrapolated (Deuflhard 1985; Hairer & Wanner, IV.9).
   */
  const integrate = (f, jacobian, xs, y0, { rtol = 1e-9, atol = 1e-11, first = 0.1 } = {}) => {
    let [x, y, h] = [xs[0], y0, first];
    return xs.map((end) => {
      while (x < end) {
        const last = x + h >= end;
        const step = last ? end - x : h;
        const { best, error } = extrapolate(f, jacobian(x, y), x, y, step, { rtol, atol });
        const change = Math.min(Math.max(0.9 * (1 / error) ** (1 / ORDER), 0.1), 5) || 0.1; // NaN: back off
        if (error <= 1) [x, y, h] = [last ? end : x + step, best, last ? Math.max(h, step * change) : step * change];
        else h = step * Math.min(change, 0.9);
        if (step < 1e-12 * Math.abs(end)) throw new Error(`integrate gave up at ${x}`);
      }
      return y;
    });
  };

  /** f, which keeps its latest result for as long as its arguments stay the same. */
  const latest = (f) => {
    let [key, value] = [null, null];
    return (...given) => {
      const now = JSON.stringify(given);
      if (now !== key) [key, value] = [now, f(...given)];
      return value;
    };
  };

  Object.assign(ibnotes, { dot, norm, transpose, solve, integrate, latest });
}
