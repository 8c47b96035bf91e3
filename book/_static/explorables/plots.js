// needs numbers.js
// Plots in SVG. `line`, `area`, `arrow`, `dot`, `speck`, `ring` and `text` each return a function that draws its
// arguments, in data coordinates, and hides the mark when called without any.
"use strict";
{
  const { tidy } = ibnotes;

  const make = (namespace) => (name, attributes = {}, ...children) => {
    const node = document.createElementNS(namespace, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const html = make("http://www.w3.org/1999/xhtml");
  const svg = make("http://www.w3.org/2000/svg");

  const PAD = { left: 40, right: 10, top: 22, bottom: 36 };
  const LINEAR = { to: (v) => v, from: (v) => v };
  const clamp = (v, [low, high]) => Math.min(Math.max(v, low), high);

  /** About `count` round numbers in [low, high]. */
  const roundTicks = ([low, high], count = 5) => {
    const raw = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = power * [1, 2, 5, 10].find((k) => k * power >= raw);
    const start = Math.ceil(low / step);
    return Array.from({ length: Math.floor(high / step + 1e-9) - start + 1 }, (_, k) => (start + k) * step);
  };

  class Plot {
    /**
     * x and y: {domain: [low, high], label, ticks (numbers; round ones by default), scale ({to, from}; linear by
     * default)}; label: what the plot shows, for screen readers; equal: one unit is as long up as across.
     */
    constructor(changed, { label, x, y, width = 340, height = 250, equal = false }) {
      this.changed = changed;
      this.x = { ...x };
      this.y = { ...y };
      this.width = width;
      const length = ({ domain: [low, high] }) => high - low;
      this.height = equal ? (this.#across() * length(y)) / length(x) + PAD.top + PAD.bottom : height;
      this.axes = svg("g", { class: "axes", "aria-hidden": "true" });
      this.marks = svg("svg", { x: PAD.left, y: PAD.top, width: this.#across(), height: this.#up() }); // it clips
      this.handles = svg("g");
      this.node = svg("svg", { viewBox: `0 0 ${width} ${this.height}`, role: "group", "aria-label": label });
      this.node.append(this.axes, this.marks, this.handles);
      this.setDomain({});
    }

    #across = () => this.width - PAD.left - PAD.right;
    #up = () => this.height - PAD.top - PAD.bottom;

    #fraction({ domain, scale = LINEAR }, value) {
      const [low, high] = domain.map(scale.to);
      return (scale.to(value) - low) / (high - low);
    }

    /** Pixels, from the upper left corner of the frame, of the data point (x, y). */
    #pixels(x, y) {
      return [this.#fraction(this.x, x) * this.#across(), (1 - this.#fraction(this.y, y)) * this.#up()];
    }

    /** The data point under a pointer event, inside the frame. */
    #under(event) {
      const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.node.getScreenCTM().inverse());
      const back = ({ domain, scale = LINEAR }, fraction) => {
        const [low, high] = domain.map(scale.to);
        return scale.from(low + clamp(fraction, [0, 1]) * (high - low));
      };
      return [back(this.x, (place.x - PAD.left) / this.#across()), back(this.y, 1 - (place.y - PAD.top) / this.#up())];
    }

    /** Change the domain of either axis; what is drawn must be drawn again. */
    setDomain({ x = this.x.domain, y = this.y.domain }) {
      [this.x.domain, this.y.domain] = [x, y];
      const bottom = PAD.top + this.#up();
      const words = (text, left, top, anchor) => svg("text", { x: left, y: top, "text-anchor": anchor }, text);
      this.axes.replaceChildren(
        svg("path", { d: `M${PAD.left} ${PAD.top}V${bottom}H${PAD.left + this.#across()}` }),
        words(this.x.label, PAD.left + this.#across(), this.height - 3, "end"),
        words(this.y.label, 0, 11, "start"),
      );
      for (const tick of this.x.ticks ?? roundTicks(x)) {
        const left = PAD.left + this.#fraction(this.x, tick) * this.#across();
        this.axes.append(svg("path", { d: `M${left} ${bottom}v4` }), words(tidy(tick), left, bottom + 16, "middle"));
      }
      for (const tick of this.y.ticks ?? roundTicks(y)) {
        const top = bottom - this.#fraction(this.y, tick) * this.#up();
        this.axes.append(svg("path", { d: `M${PAD.left} ${top}h-4` }), words(tidy(tick), PAD.left - 7, top + 4, "end"));
      }
    }

    /** Length of a pixel, across and up, where the axes are linear. */
    get pixel() {
      const length = ({ domain: [low, high] }) => high - low;
      return [length(this.x) / this.#across(), length(this.y) / this.#up()];
    }

    /** Grey the plot out where there is nothing to show. */
    dim(off) {
      this.node.classList.toggle("dim", off);
    }

    #mark(name, attributes, draw) {
      const node = svg(name, attributes);
      this.marks.append(node);
      return (...where) => {
        node.toggleAttribute("hidden", where.length === 0);
        if (where.length) draw(node, ...where);
      };
    }

    #path(points) {
      const places = points.map((point) => this.#pixels(...point).map((v) => v.toFixed(2)));
      return places.map((place, i) => `${i ? "L" : "M"}${place}`).join("");
    }

    #polygon = (kind) => (colour) =>
      this.#mark("path", { class: `${kind} ${colour}` }, (node, points) => node.setAttribute("d", this.#path(points)));

    line = this.#polygon("line");

    area = this.#polygon("area");

    arrow = (colour) =>
      this.#mark("path", { class: `line ${colour}` }, (node, from, to) => {
        const [[x0, y0], [x1, y1]] = [this.#pixels(...from), this.#pixels(...to)];
        const angle = Math.atan2(y1 - y0, x1 - x0);
        const barb = (turn) => `${x1 - 9 * Math.cos(angle + turn)} ${y1 - 9 * Math.sin(angle + turn)}`;
        node.setAttribute("d", `M${x0} ${y0}L${x1} ${y1}M${barb(0.45)}L${x1} ${y1}L${barb(-0.45)}`);
      });

    #round = (kind, radius) => (colour = "theory") =>
      this.#mark("circle", { class: `${kind} ${colour}`, r: radius }, (node, x, y) => {
        const [left, top] = this.#pixels(x, y);
        node.setAttribute("cx", left);
        node.setAttribute("cy", top);
      });

    dot = this.#round("dot", 5);

    speck = this.#round("speck", 3);

    ring = this.#round("ring", 10);

    /** A disc with a radius of its own, in pixels. */
    bubble = (colour) =>
      this.#mark("circle", { class: `area ${colour}` }, (node, x, y, radius) => {
        const [left, top] = this.#pixels(x, y);
        for (const [name, value] of Object.entries({ cx: left, cy: top, r: radius })) node.setAttribute(name, value);
      });

    text = (anchor = "start", colour = "") =>
      this.#mark("text", { "text-anchor": anchor, class: colour }, (node, words, x, y) => {
        const [left, top] = this.#pixels(x, y);
        node.setAttribute("x", left);
        node.setAttribute("y", top);
        node.textContent = words;
      });

    /**
     * A point that mouse, touch and arrow keys move; read its x and y. shape: "disc" or "square"; allowed: where it
     * goes when it is moved to the first place from the second one.
     */
    handle({ label, x, y, shape = "disc", colour = "blue", step = 0.1, allowed = (place) => place }) {
      const square = { x: -5.5, y: -5.5, width: 11, height: 11 };
      const form = shape === "disc" ? svg("circle", { r: 6 }) : svg("rect", square);
      const limits = { "aria-valuemin": this.x.domain[0], "aria-valuemax": this.x.domain[1] };
      const about = { class: `handle dot ${colour}`, tabindex: 0, role: "slider", "aria-label": label, ...limits };
      const node = svg("g", about, svg("circle", { class: "reach", r: 16 }), form);
      const round = (v) => Math.round(v * 100) / 100;
      const handle = { node, label, x, y };
      handle.refresh = () => {
        const [left, top] = this.#pixels(handle.x, handle.y);
        node.setAttribute("transform", `translate(${PAD.left + left} ${PAD.top + top})`);
        node.setAttribute("aria-valuenow", round(handle.x));
        const words = [[this.x, handle.x], [this.y, handle.y]].map(([axis, v]) => `${axis.label} ${tidy(round(v))}`);
        node.setAttribute("aria-valuetext", words.join(", "));
      };
      handle.put = (left, up) => Object.assign(handle, { x: left, y: up });
      handle.reset = () => handle.put(x, y);
      const move = (left, up) => {
        const inside = [clamp(left, this.x.domain), clamp(up, this.y.domain)];
        [handle.x, handle.y] = allowed(inside, [handle.x, handle.y]);
        this.changed();
      };
      // the page must not scroll along; Chromium ignores touch-action inside an SVG
      node.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
      node.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        node.focus({ preventScroll: true });
        node.setPointerCapture(event.pointerId);
      });
      node.addEventListener("pointermove", (event) => {
        if (node.hasPointerCapture(event.pointerId)) move(...this.#under(event));
      });
      node.addEventListener("keydown", (event) => {
        const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
        if (!way) return;
        event.preventDefault(); // of scrolling
        const length = event.shiftKey ? 10 * step : step;
        move(handle.x + length * way[0], handle.y + length * way[1]);
      });
      this.handles.append(node);
      return handle;
    }
  }

  Object.assign(ibnotes, { Plot, clamp, html, svg });
}
