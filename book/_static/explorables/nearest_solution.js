// needs interpolation.js widgets.js
// Balls of three norms blown up until they touch the solutions of one equation, and where descent goes.
"use strict";
{
  const { norm, tidy, ball, lineThrough, nearestInterpolant } = ibnotes;

  const NORMS = [
    { name: "ℓ1", p: 1, colour: "orange", descent: "ℓ1: the largest entry of the gradient" },
    { name: "ℓ2", p: 2, colour: "blue", descent: "ℓ2: gradient descent" },
    { name: "ℓ∞", p: Infinity, colour: "green", descent: "ℓ∞: the signs of the gradient" },
  ];
  const GRID = 10; // points of the line sit on tenths, so that ties can be met
  const FAR = 1000;
  const [ACROSS, UP] = [2.6, 2]; // half the frame's sides
  const INSIDE = 0.1; // a dot this far from the frame is whole
  const SHARES = Array.from({ length: 21 }, (_, k) => 1 - k / 20);
  const TOUCH = 1e-9;

  const between = (u, v, share) => u.map((entry, j) => entry + share * (v[j] - entry));
  const rounded = (v) => tidy(Number(v.toFixed(3)));
  const place = (w) => `(${w.map(rounded).join(", ")})`;

  const onGrid = (place) => place.map((entry) => Math.round(entry * GRID) / GRID);
  const inFrame = (place) => place.every((entry, j) => Math.abs(entry) <= [ACROSS, UP][j] - INSIDE);
  const inSight = ({ X, nearest }) => norm(X[0]) === 0 || nearest.every(({ ends }) => ends.every(inFrame));

  const divisor = (m, n) => (n === 0 ? m : divisor(n, m % n));
  const equation = ([a], [b]) => {
    const [m, n] = a.map((entry) => Math.round(entry * GRID));
    const unit = (Math.sign(m || n) * divisor(Math.abs(m), Math.abs(n))) / GRID;
    const term = (factor, name) => `${factor < 0 ? "−" : "+"} ${Math.abs(factor) === 1 ? "" : Math.abs(factor)}${name}`;
    const terms = a.flatMap((entry, j) => (entry === 0 ? [] : [term(Math.round(entry / unit), ["w₁", "w₂"][j])]));
    return `${terms.join(" ").slice(2)} = ${rounded(b / unit)}`;
  };

  ibnotes.explorable("nearest_solution", (ui) => {
    const plane = ui.plot({
      label: "The solutions of one equation in two unknowns, and balls around the start of descent",
      x: { domain: [-ACROSS, ACROSS], label: "w₁" },
      y: { domain: [-UP, UP], label: "w₂" },
      equal: true,
    });
    const line = plane.line("grey");
    const marks = NORMS.map(({ colour }) => ({
      inside: plane.area(colour),
      border: plane.line(colour),
      ties: plane.line(`${colour} heavy`),
      arrows: [plane.arrow(colour), plane.arrow(colour)],
      touches: [plane.dot(colour), plane.dot(colour)],
    }));
    /** As far as every touching point stays in sight. */
    const allowed = (k) => (place, from) => {
      const others = places();
      const onTheWay = SHARES.map((share) => onGrid(between(from, place, share)));
      return onTheWay.find((own) => inSight(solve(others.with(k, own))));
    };
    const square = { shape: "square", colour: "grey" };
    const handles = [
      { label: "first point of the line", x: -1, y: 1.5, ...square },
      { label: "second point of the line", x: 2, y: 0, ...square },
      { label: "start of descent", x: 0, y: 0, colour: "purple" },
    ].map((options, k) => ui.handle(plane, { ...options, allowed: allowed(k) }));
    const places = () => handles.map(({ x, y }) => [x, y]);

    const solve = ([P, Q, w0] = places()) => {
      const { X, y } = lineThrough(P, Q);
      return { P, Q, X, y, w0, nearest: NORMS.map(({ p }) => nearestInterpolant(X, y, w0, p)) };
    };
    const largest = ({ nearest }) => Math.max(0, ...nearest.map(({ distance }) => distance).filter(Number.isFinite));
    const format = (k) => `r = ${rounded((k / 100) * largest(solve()))}`;
    ui.key([
      ["line grey", "solutions"],
      ["dot purple", "start"],
      ...NORMS.map(({ colour, descent }) => [`line ${colour}`, descent]),
    ]);
    const radius = ui.slider({ label: "Radius", min: 0, max: 110, step: 1, value: 100, format });
    ui.play(radius, 4);

    const [first, second, begin] = handles;
    ui.tries([
      [
        "a tie of ℓ1",
        () => [first.put(-0.5, 1.5), second.put(1, 0)],
        "The diamond touches along a side: many solutions are nearest, and the norm does not choose among them.",
      ],
      [
        "a tie of ℓ∞",
        () => [first.put(-1, 1), second.put(2, 1)],
        "The line is level: the square touches along a side, the other two in a point.",
      ],
      [
        "another start",
        () => begin.put(1, -0.5),
        "All three balls move with the start, and so do the solutions they touch: it is the start, too, that decides.",
      ],
    ]);

    const drawBall = ({ inside, border, ties, arrows, touches }, w0, { ends, distance }, p, r) => {
      const outline = ball(w0, Math.min(r, distance), p);
      const touched = r >= distance * (1 - TOUCH);
      inside(outline);
      border(outline);
      const travelled = Math.min(r / distance, 1);
      ends.forEach((end, k) => {
        if (travelled > 0) arrows[k](w0, between(w0, end, travelled));
        if (touched) touches[k](...end);
      });
      if (touched && ends.length > 1) ties(ends);
    };

    const clear = () => {
      line();
      for (const { inside, border, ties, arrows, touches } of marks) {
        for (const mark of [inside, border, ties, ...arrows, ...touches]) mark();
      }
    };

    const where = ({ ends, distance }, k) => {
      const spots = (ends.length > 1 ? "all from " : "") + ends.map(place).join(" to ");
      return `${NORMS[k].name} ${spots}, distance ${rounded(distance)}`;
    };

    const touching = (nearest, r) => {
      const names = NORMS.flatMap(({ name }, k) => (r >= nearest[k].distance * (1 - TOUCH) ? [name] : []));
      if (names.length === 3) return "all three balls touch";
      const [none, one] = ["no ball touches", `the ${names[0]} ball touches`];
      return [none, one, `the ${names.join(" and ")} balls touch`][names.length];
    };

    return () => {
      const { P, Q, X, y, w0, nearest } = solve();
      clear();
      if (norm(X[0]) === 0) {
        ui.say("The two points of the line coincide: they say nothing about where the line goes.");
        return;
      }
      line([between(P, Q, -FAR), between(P, Q, FAR)]);
      if (largest({ nearest }) < TOUCH) {
        ui.say(`The start ${place(w0)} is a solution of ${equation(X, y)} already: descent stays where it is.`);
        return;
      }
      const r = (radius.value / 100) * largest({ nearest });
      NORMS.forEach(({ p }, k) => drawBall(marks[k], w0, nearest[k], p, r));
      ui.say(
        `The solutions of ${equation(X, y)} nearest to ${place(w0)}: ${nearest.map(where).join("; ")}. ` +
          `At radius ${rounded(r)} ${touching(nearest, r)}.`,
      );
    };
  });
}
