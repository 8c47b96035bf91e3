// needs numerics.js
// Singular values.
"use strict";
{
  const { dot, norm, transpose } = ibnotes;

  /** Singular values, largest first: rotate pairs of columns until all are at right angles (Jacobi, one-sided). */
  const singularValues = (A) => {
    const columns = A.length < A[0].length ? A.map((row) => row.slice()) : transpose(A);
    const rotate = (p, q) => {
      const [alpha, beta, gamma] = [dot(p, p), dot(q, q), dot(p, q)];
      if (gamma === 0 || Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) return false;
      const angle = Math.atan2(2 * gamma, alpha - beta) / 2;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = 0; i < p.length; i++) [p[i], q[i]] = [c * p[i] + s * q[i], c * q[i] - s * p[i]];
      return true;
    };
    for (let sweep = 0, moved = true; moved && sweep < 30; sweep++) {
      moved = false;
      for (let j = 1; j < columns.length; j++) {
        for (let i = 0; i < j; i++) moved = rotate(columns[i], columns[j]) || moved;
      }
    }
    return columns.map((column) => norm(column)).sort((a, b) => b - a);
  };

  Object.assign(ibnotes, { singularValues });
}
