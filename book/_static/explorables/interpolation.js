// needs numerics.js
// The smallest and the nearest solutions of one equation <a, w> = b in the plane, in three norms.
"use strict";
{
  const { dot, norm } = ibnotes;
  const TIE = 1e-9; // entries whose sizes differ by less, relative to the largest, are the same

  /** The line through two points as {X, y}, the equation's coefficients and its target. */
  const lineThrough = ([p1, p2], [q1, q2]) => ({ X: [[p2 - q2, q1 - p1]], y: [p2 * q1 - p1 * q2] });

  /** End points of the set of smallest solutions; there is only one of them where the smallest is unique. */
  const extremes = (a, b, p) => {
    const largest = norm(a, Infinity);
    if (p === 1) {
      const axes = [0, 1].filter((j) => Math.abs(a[j]) >= (1 - TIE) * largest);
      return axes.map((j) => a.map((entry, i) => (i === j ? b / entry : 0)));
    }
    if (p === 2) return [a.map((entry) => (b * entry) / dot(a, a))];
    const size = b / norm(a, 1);
    const free = a.findIndex((entry) => Math.abs(entry) <= TIE * largest);
    const corner = a.map((entry) => Math.sign(entry) * size);
    return free < 0 ? [corner] : [size, -size].map((end) => corner.map((entry, j) => (j === free ? end : entry)));
  };

  /** As ibnotes.min_norm_interpolant, for one row in the plane: {w, ends}, w being one of the ends. */
  const minNormInterpolant = ([a], [b], p = 2) => {
    const ends = extremes(a, b, p);
    return { w: ends[0], ends };
  };

  /** Where steepest descent in the norm p ends from w0, straight ahead: {w, ends, distance}. */
  const nearestInterpolant = (X, y, w0, p = 2) => {
    const { w, ends } = minNormInterpolant(X, [y[0] - dot(X[0], w0)], p);
    const places = ends.map((end) => end.map((entry, j) => w0[j] + entry));
    return { w: places[0], ends: places, distance: norm(w, p) };
  };

  const DIRECTIONS = Array.from({ length: 97 }, (_, k) => [Math.cos((k * Math.PI) / 48), Math.sin((k * Math.PI) / 48)]);

  /** Points around the ball of the norm p, corners among them. */
  const ball = (centre, radius, p) =>
    DIRECTIONS.map((u) => u.map((entry, j) => centre[j] + (radius * entry) / norm(u, p)));

  Object.assign(ibnotes, { ball, lineThrough, minNormInterpolant, nearestInterpolant });
}
