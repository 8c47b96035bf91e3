// needs numerics.js
// Gram matrices and their inverses.
"use strict";
{
  const { dot, transpose } = ibnotes;

  /** The smaller one of XX' and X'X, which share their nonzero eigenvalues. */
  const gram = (X) => {
    const rows = X.length <= X[0].length ? X : transpose(X);
    const G = rows.map(() => new Array(rows.length));
    for (let i = 0; i < rows.length; i++) for (let j = 0; j <= i; j++) G[i][j] = G[j][i] = dot(rows[i], rows[j]);
    return G;
  };

  /** Of a positive definite matrix: its Cholesky factor L, the inverse of that, and A^-1 = (L^-1)' L^-1. */
  const inverse = (A) => {
    const L = A.map((row) => row.slice());
    const n = L.length;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = L[i][j];
        for (let k = 0; k < j; k++) sum -= L[i][k] * L[j][k];
        L[i][j] = i === j ? Math.sqrt(sum) : sum / L[j][j];
      }
    }
    const columns = L.map(() => new Array(n).fill(0)); // those of L^-1
    for (let j = 0; j < n; j++) {
      columns[j][j] = 1 / L[j][j];
      for (let i = j + 1; i < n; i++) {
        let sum = 0;
        for (let k = j; k < i; k++) sum -= L[i][k] * columns[j][k];
        columns[j][i] = sum / L[i][i];
      }
    }
    return columns.map((own) => columns.map((other) => dot(own, other)));
  };

  Object.assign(ibnotes, { gram, inverse });
}
