// needs plots.js
// The frame of an explorable: its plots, controls and the sentence that says its state.
"use strict";
{
  const { Plot, cutExponents, html, svg } = ibnotes;
  const QUIET = 600; // ms without a change before a screen reader is told
  const stillness = matchMedia("(prefers-reduced-motion: reduce)");

  /** Show words, their exponents large enough to read. */
  const write = (node, words) => {
    const part = (own, k) => (k % 2 ? html("span", { class: "exponent" }, own) : own);
    node.replaceChildren(...cutExponents(words).map(part));
  };

  /** A mark by its kind and colour, as large as a word. */
  const swatch = (mark) => {
    const shape = () => {
      if (mark.startsWith("line")) return svg("path", { class: mark, d: "M1 6H23" });
      if (mark.startsWith("area")) return svg("rect", { class: mark, width: 24, height: 12 });
      const radius = mark.startsWith("speck") ? 3 : 5;
      return svg("circle", { class: mark, cx: 12, cy: 6, r: radius });
    };
    return svg("svg", { viewBox: "0 0 24 12", "aria-hidden": "true", class: "swatch" }, shape());
  };

  class Explorable {
    #mount;
    #draw;
    #frame = 0;
    #telling = 0;
    #parts = []; // refreshed before every drawing, reset by the button
    #plots = html("div", { class: "plots" });
    #key = html("ul", { class: "key" });
    #controls = html("form", { class: "controls", autocomplete: "off" });
    #tries = html("div", { class: "tries", hidden: "" });
    #state = html("p", { class: "state", "aria-hidden": "true" });
    #live = html("p", { class: "visually-hidden", role: "status", "aria-live": "polite" });

    constructor(mount, build) {
      this.#mount = mount;
      this.#draw = build(this);
      this.#controls.append(html("button", { type: "reset" }, "Reset"));
      this.#controls.addEventListener("submit", (event) => event.preventDefault());
      this.#controls.addEventListener("reset", () => {
        for (const part of this.#parts) part.reset?.();
        this.changed();
      });
      mount.replaceChildren(this.#plots, this.#key, this.#controls, this.#tries, this.#state, this.#live);
      this.#redraw();
    }

    #redraw() {
      this.#frame = 0;
      for (const part of this.#parts) part.refresh?.();
      this.#draw();
    }

    /** Draw again in the next frame, once, however many changes come before it. */
    changed = () => {
      this.#frame ||= requestAnimationFrame(() => this.#redraw());
    };

    plot(options) {
      const plot = new Plot(this.changed, options);
      this.#plots.append(plot.node);
      return plot;
    }

    handle(plot, options) {
      const handle = plot.handle(options);
      this.#parts.push(handle);
      return handle;
    }

    /** Entries [mark, words], the mark by its kind and colour: "line green", "area theory", "dot blue". */
    key(entries) {
      this.#key.append(...entries.map(([mark, words]) => html("li", {}, swatch(mark), words)));
    }

    /** A labelled range; read and set its `value`. format: the value in words. */
    slider({ label, min, max, step, value, format = String }) {
      const id = `${this.#mount.id}-${this.#parts.length}`;
      const input = html("input", { type: "range", id, min, max, step, value });
      const output = html("output", { for: id, "aria-live": "off" });
      const show = () => {
        const words = format(Number(input.value));
        write(output, words);
        input.setAttribute("aria-valuetext", words);
      };
      input.addEventListener("input", this.changed);
      this.#controls.append(html("div", { class: "slider" }, html("label", { for: id }, label), input, output));
      this.#parts.push({ refresh: show });
      return {
        input, min, max,
        get value() { return Number(input.value); },
        set value(number) { input.value = number; },
      };
    }

    /** Radio buttons, `options` their words and `value` the one that is on; read `value`. */
    choice({ label, options, value }) {
      const name = `${this.#mount.id}-${this.#parts.length}`;
      const radios = options.map((own) => html("input", { type: "radio", name, value: own }));
      radios[options.indexOf(value)].setAttribute("checked", ""); // the attribute, which a reset goes back to
      const labels = options.map((words, i) => html("label", {}, radios[i], ` ${words}`));
      const set = html("fieldset", {}, html("legend", {}, label), ...labels);
      set.addEventListener("change", this.changed);
      this.#controls.append(set);
      this.#parts.push({});
      return {
        get value() { return radios.find((radio) => radio.checked).value; },
        set value(own) { radios[options.indexOf(own)].checked = true; },
      };
    }

    /** Boxes to tick, `options` pairs [words, mark] and `ticked` the words that are on; read and set them as `value`. */
    boxes({ label, options, ticked }) {
      const inputs = options.map(([words]) => html("input", { type: "checkbox", value: words }));
      for (const input of inputs) input.toggleAttribute("checked", ticked.includes(input.value)); // for a reset
      const labels = options.map(([words, mark], i) => html("label", {}, inputs[i], " ", swatch(mark), words));
      const set = html("fieldset", {}, html("legend", {}, label), ...labels);
      set.addEventListener("change", this.changed);
      this.#controls.append(set);
      this.#parts.push({});
      return {
        get value() { return inputs.filter((input) => input.checked).map((input) => input.value); },
        set value(words) { for (const input of inputs) input.checked = words.includes(input.value); },
      };
    }

    /**
     * A line of text to write; read and set its `value`. `complain(message, at, length)` says what is wrong with it, its
     * place marked; without arguments nothing is.
     */
    field({ label, value, hint }) {
      const id = `${this.#mount.id}-${this.#parts.length}`;
      const plain = { spellcheck: "false", autocapitalize: "off", autocomplete: "off" };
      const input = html("input", { type: "text", id, value, ...plain, "aria-describedby": `${id}-wrong` });
      const wrong = html("p", { class: "wrong", id: `${id}-wrong`, role: "status" });
      input.addEventListener("input", this.changed);
      const words = [html("label", { for: id }, label), input, wrong, html("p", { class: "hint" }, hint)];
      this.#controls.append(html("div", { class: "field" }, ...words));
      this.#parts.push({});
      return {
        get value() { return input.value; },
        set value(text) { input.value = text; },
        complain(message, at, length) {
          input.setAttribute("aria-invalid", String(message !== undefined));
          if (message === undefined) return wrong.replaceChildren();
          const cuts = [[0, at], [at, at + length], [at + length]];
          const [before, marked, after] = cuts.map((cut) => input.value.slice(...cut));
          const place = html("code", {}, before, html("mark", {}, marked || "\u00a0"), after);
          wrong.replaceChildren(place, ` ${message}`);
        },
      };
    }

    /** Buttons under a name, [label, what it does] each. */
    buttons(label, options) {
      const set = html("fieldset", {}, html("legend", {}, label));
      this.#controls.append(set);
      for (const [words, action] of options) {
        set.append(this.button(words, () => {
          action();
          this.changed();
        }));
      }
    }

    /** Any other part: its `node` goes beside the plots; where it has `refresh` and `reset`, they are called. */
    add(part) {
      this.#plots.append(part.node);
      this.#parts.push(part);
      return part;
    }

    button(label, action) {
      const node = html("button", { type: "button" }, label);
      node.addEventListener("click", action);
      this.#controls.append(node);
      return node;
    }

    /** A button that moves `slider` to its end, at once for those who want less motion. */
    play(slider, seconds = 6) {
      let frame = 0;
      const stop = () => {
        cancelAnimationFrame(frame);
        frame = 0;
        button.textContent = "Play";
      };
      const start = () => {
        const from = slider.value < slider.max ? slider.value : slider.min;
        const begin = performance.now();
        button.textContent = "Pause";
        const tick = (now) => {
          const done = stillness.matches ? 1 : (now - begin) / (1000 * seconds);
          slider.value = from + Math.max(done, 0) * (slider.max - slider.min);
          this.changed();
          if (slider.value < slider.max) frame = requestAnimationFrame(tick);
          else stop();
        };
        frame = requestAnimationFrame(tick);
      };
      const button = this.button("Play", () => (frame ? stop() : start()));
      slider.input.addEventListener("input", stop);
      this.#parts.push({ reset: stop });
    }

    /** Buttons that set a state, from the first one, and say what to watch: [label, how it is set, words] each. */
    tries(settings) {
      const watch = html("p", { class: "watch", role: "status" });
      const button = ([label, set, words]) => {
        const node = html("button", { type: "button" }, label);
        node.addEventListener("click", () => {
          this.#controls.reset();
          set();
          write(watch, words);
        });
        return node;
      };
      this.#tries.append("Try ", ...settings.map(button), watch);
      this.#tries.hidden = false;
      this.#parts.push({ reset: () => watch.replaceChildren() });
    }

    /** Say the state: in sight at once, to screen readers when it has come to rest. */
    say(words) {
      write(this.#state, words);
      clearTimeout(this.#telling);
      this.#telling = setTimeout(() => (this.#live.textContent = words), QUIET);
    }
  }

  /** Bring every explorable of this name on the page to life; `build(ui)` makes its parts and returns its `draw()`. */
  ibnotes.explorable = (name, build) => {
    for (const mount of document.querySelectorAll(`[data-explorable="${name}"]`)) new Explorable(mount, build);
  };
}
