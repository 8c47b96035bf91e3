// A click on a heading of a table that sorts, of the results or of the atlas: a second one backwards; a third restores the order.
"use strict";

for (const table of document.querySelectorAll("table.results, table.atlas")) {
  const body = table.tBodies[0], given = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const words = (row, column) => row.cells[column].textContent.trim();
  const order = (column) => (a, b) => words(a, column).localeCompare(words(b, column), "en", { numeric: true });
  const ways = { none: ["ascending", 1], ascending: ["descending", -1], descending: ["none", 0] };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.firstElementChild.childNodes);
    head.firstElementChild.replaceWith(button);
    head.ariaSort = "none";
    button.addEventListener("click", () => {
      const [way, sign] = ways[head.ariaSort];
      for (const each of heads) each.ariaSort = "none";
      head.ariaSort = way;
      const compare = order(column);
      body.append(...(sign ? given.toSorted((a, b) => sign * compare(a, b)) : given));
    });
  });
}
