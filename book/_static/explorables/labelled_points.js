// needs margin.js widgets.js
// Labelled points of the plane to drag about, and what is said where no line separates them.
"use strict";
{
  const { NotSeparable } = ibnotes;

  /** Handles for points [x₁, x₂, label]: {handles, labels, names} and X(), where the points are now. */
  const labelledPoints = (ui, plane, points, [positive, negative] = ["blue", "orange"]) => {
    const labels = points.map(([, , label]) => label);
    const [disc, square] = [{ shape: "disc", colour: positive }, { shape: "square", colour: negative }];
    const looks = labels.map((y) => (y > 0 ? disc : square));
    const rank = (i) => labels.slice(0, i + 1).filter((y) => y === labels[i]).length;
    const names = looks.map(({ shape }, i) => `${shape} ${rank(i)}`);
    const handles = points.map(([x, y], i) => ui.handle(plane, { label: names[i], x, y, ...looks[i] }));
    return { handles, labels, names, X: () => handles.map(({ x, y }) => [x, y]) };
  };

  /**
   * `draw`, which clears the marks, dims the plot and says why where the points called `names` are not separable; what
   * there is to see then, `overlap` draws and says.
   */
  const whereSeparable = (ui, names, draw, clear, plot, overlap = () => "") => () => {
    try {
      draw();
      plot.dim(false);
    } catch (error) {
      if (!(error instanceof NotSeparable)) throw error;
      clear();
      plot.dim(true);
      const culprits = names.filter((_, i) => !(error.certificate[i] <= 0)).join(", ");
      const why = `Not separable: every line through the origin has one of ${culprits} on its wrong side, or on itself.`;
      ui.say(`${why}${overlap()}`);
    }
  };

  Object.assign(ibnotes, { labelledPoints, whereSeparable });
}
