// needs widgets.js
// A square matrix whose entries are buttons: pressed where an entry is observed.
"use strict";
{
  const { html } = ibnotes;

  /**
   * `mask` says which entries are pressed at first, `changed` is called when one is; read `mask` of the result, and
   * give its `show` for each entry [what is seen, what is said, share of colour between −1 and 1].
   */
  ibnotes.entries = ({ label, mask: first, changed }) => {
    const part = { mask: first.map((row) => row.slice()) };
    const size = first.length;
    const toggle = (i, j) => {
      part.mask[i][j] = !part.mask[i][j];
      changed();
    };
    const buttons = first.map((row, i) =>
      row.map((_, j) => {
        const button = html("button", { type: "button", tabindex: i + j === 0 ? 0 : -1 });
        button.addEventListener("click", () => toggle(i, j));
        return button;
      }),
    );
    /** One entry is reached by Tab, the others from it by the arrow keys. */
    const focus = (from, key) => {
      const at = buttons.flat().indexOf(from);
      const [i, j] = [Math.floor(at / size), at % size];
      const to = { ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1], ArrowUp: [i - 1, j], ArrowDown: [i + 1, j] }[key];
      const next = to && buttons[to[0]]?.[to[1]];
      if (!next) return Boolean(to);
      from.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      return true;
    };
    part.node = html("div", { class: "entries", role: "group", "aria-label": label }, ...buttons.flat());
    part.node.style.setProperty("--size", size);
    part.node.addEventListener("keydown", (event) => {
      if (focus(event.target, event.key)) event.preventDefault(); // of scrolling
    });
    part.show = (i, j, words, said, share) => {
      const button = buttons[i][j];
      button.textContent = words;
      button.setAttribute("aria-label", `row ${i + 1}, column ${j + 1}: ${said}`);
      button.setAttribute("aria-pressed", part.mask[i][j]);
      button.className = share < 0 ? "orange" : "blue";
      button.style.setProperty("--share", `${Math.round(45 * Math.min(Math.abs(share), 1))}%`);
    };
    part.reset = () => (part.mask = first.map((row) => row.slice()));
    return part;
  };
}
