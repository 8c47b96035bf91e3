// needs numerics.js
// Symmetric matrices: gram matrices, inverses, eigenvalues.
"use strict";
{
  const { dot } = ibnotes;

  const transpose = (A) => A[0].map((_, j) => A.map((row) => row[j]));

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

  /** Turn the rows and columns p < q of A so that A[p][q] becomes zero. */
  const rotate = (A, p, q) => {
    const theta = (A[q][q] - A[p][p]) / (2 * A[p][q]);
    const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
    const c = 1 / Math.hypot(t, 1);
    for (const row of A) [row[p], row[q]] = [c * (row[p] - t * row[q]), c * (t * row[p] + row[q])];
    for (let j = 0; j < A.length; j++) [A[p][j], A[q][j]] = [c * (A[p][j] - t * A[q][j]), c * (t * A[p][j] + A[q][j])];
  };

  const SWEEPS = 30; // a handful is needed
  const OFF = 1e-15; // of the largest diagonal entry

  /** In descending order, by Jacobi's rotations (Golub & Van Loan 2013, section 8.5). */
  const eigenvalues = (symmetric) => {
    const A = symmetric.map((row) => row.slice());
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      const small = OFF * Math.max(...A.map((row, i) => Math.abs(row[i])));
      let done = true;
      for (let p = 0; p < A.length; p++) {
        for (let q = p + 1; q < A.length; q++) {
          if (Math.abs(A[p][q]) <= small) continue;
          rotate(A, p, q);
          done = false;
        }
      }
      if (done) break;
    }
    return A.map((row, i) => row[i]).sort((a, b) => b - a);
  };

  const singularValues = (X) => eigenvalues(gram(X)).map((value) => Math.sqrt(Math.max(value, 0)));

  Object.assign(ibnotes, { transpose, gram, inverse, eigenvalues, singularValues });
}
