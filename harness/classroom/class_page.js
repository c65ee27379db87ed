// Sorts a table by the column whose head is pressed; pressed again, the other way round.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th"), table = head.closest("table");
    const column = [...head.parentElement.children].indexOf(head);
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const value = (row) => {
      const text = row.children[column].textContent.trim();
      const number = Number.parseFloat(text);
      return { text, number: text !== "" && !Number.isNaN(number) ? number : null };
    };
    const compare = (one, other) => {
      const a = value(one), b = value(other);
      if (a.number !== null && b.number !== null && a.number !== b.number) return a.number - b.number;
      return a.text.localeCompare(b.text);
    };
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort((a, b) => (up ? compare(a, b) : compare(b, a))));
  });
}
