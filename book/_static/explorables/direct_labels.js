// needs widgets.js
// Names beside what they name, in place of a legend, and none on another.
"use strict";
{
  const { clamp } = ibnotes;
  const LETTER = 6.9; // pixels, more than letters are wide on the average
  const [HALF, POINT] = [8, 9]; // pixels: half the height of a line of words; what a point takes up
  const STRIDE = 7; // pixels between two places that are tried

  const around = ([x, y], [across, up]) => [x - across, y - up, x + across, y + up];
  const apart = (a, b) => [0, 1].some((j) => a[j] >= b[j + 2] || b[j] >= a[j + 2]);

  /** Heights as near to the given ones as they may be, all inside of [low, high] and `gap` from each other. */
  const spread = (heights, gap, [low, high]) => {
    const order = heights.map((_, i) => i).sort((i, j) => heights[i] - heights[j]);
    const placed = heights.slice();
    order.forEach((i, k) => {
      placed[i] = clamp(Math.max(heights[i], k ? placed[order[k - 1]] + gap : low), [low, high]);
    });
    order.toReversed().forEach((i, k, falling) => {
      if (k) placed[i] = Math.min(placed[i], placed[falling[k - 1]] - gap);
    });
    return placed;
  };

  /**
   * Write the names of lines through the origin at their ends: `lines` are [mark, name, direction], `points` stay
   * clear as far as there is room. A name that finds its place taken moves inwards, to the other end, beside its line.
   * `ends`: 1 for where the direction points to, -1 for where it comes from, in the order in which they are tried.
   */
  const nameLines = (plot, lines, points, ends = [1, -1]) => {
    const [dx, dy] = plot.pixel;
    const frame = [plot.x.domain[0] / dx, plot.y.domain[0] / dy, plot.x.domain[1] / dx, plot.y.domain[1] / dy];
    const inside = (box) => box[0] >= frame[0] && box[1] >= frame[1] && box[2] <= frame[2] && box[3] <= frame[3];
    const spots = points.map(([x, y]) => around([x / dx, y / dy], [POINT, POINT]));
    const farthest = Math.hypot(...frame);
    const taken = [];
    for (const [mark, name, [x, y]] of lines) {
      const length = Math.hypot(x / dx, y / dy);
      const [c, s] = [x / dx / length, y / dy / length];
      const size = [((name.length + 1) * LETTER) / 2, HALF];
      const places = [];
      for (const off of [0, 2 * HALF, -2 * HALF]) {
        for (let r = farthest; r > 0; r -= STRIDE) {
          for (const end of ends) places.push([end * r * c - off * s, end * r * s + off * c]);
        }
      }
      const free = (place, boxes) => {
        const box = around(place, size);
        return inside(box) && boxes.every((other) => apart(box, other));
      };
      const place =
        places.find((own) => free(own, [...taken, ...spots])) ?? places.find((own) => free(own, taken)) ?? [0, 0];
      taken.push(around(place, size));
      mark(name, place[0] * dx, (place[1] - 4) * dy); // the baseline
    }
  };

  Object.assign(ibnotes, { spread, nameLines });
}
