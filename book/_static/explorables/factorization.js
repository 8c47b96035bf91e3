// needs nonstiff.js
// Gradient flow on a product of two square matrices, some entries of which are observed.
"use strict";
{
  const { norm, integrateExplicitly } = ibnotes;

  /** W = AB, row after row, of the n x n factors that follow each other in `state`. */
  const product = (state, n) => {
    const W = new Array(n * n).fill(0);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) {
        const a = state[i * n + k];
        for (let j = 0; j < n; j++) W[i * n + j] += a * state[n * n + k * n + j];
      }
    }
    return W;
  };

  /** As ibnotes.deep_linear_flow for two square factors: W at the ascending `times`, the first being 0. */
  const factorizationFlow = (M, mask, factors, times) => {
    const n = M.length;
    const [target, seen] = [M.flat(), mask.flat()];
    const velocity = (state) => {
      const W = product(state, n);
      const down = new Array(2 * n * n).fill(0);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          if (!seen[i * n + j]) continue;
          const rest = target[i * n + j] - W[i * n + j];
          for (let k = 0; k < n; k++) {
            down[i * n + k] += rest * state[n * n + k * n + j];
            down[n * n + k * n + j] += rest * state[i * n + k];
          }
        }
      }
      return down;
    };
    const start = factors.flat(2);
    const atol = 1e-11 * norm(start, Infinity);
    const states = integrateExplicitly(velocity, times, start, { rtol: 1e-7, atol });
    return states.map((state) => {
      const W = product(state, n);
      return M.map((_, i) => W.slice(i * n, (i + 1) * n));
    });
  };

  Object.assign(ibnotes, { factorizationFlow });
}
