"use strict";
// Cards: copies of the page's own card, filled with texts, and never with markup.

// Fill what names a field of a card: data-text, data-badge, data-list, data-src, data-href; what
// names one in data-text-of is there where the field is.
function fill(element, card) {
  const each = (name, act) => {
    for (const node of element.querySelectorAll(`[data-${name}]`)) {
      act(node, card[node.getAttribute(`data-${name}`)]);
    }
  };
  each("text-of", (node, value) => { node.hidden = value === null; });
  each("text", (node, value) => { node.textContent = value ?? ""; node.hidden = value === null; });
  each("badge", (node, value) => { node.className = `badge ${value ?? "none"}`; });
  each("list", (node, value) => { node.replaceChildren(...value.map(item)); });
  each("href", (node, value) => {
    if (value === null) node.removeAttribute("href");
    else node.href = value;
  });
  each("src", (node, value) => {
    node.hidden = value === null;
    if (value === null) node.removeAttribute("src");
    else node.src = value;
    node.alt = node.dataset.src === "work_thumb" ? `The enrolled work ${card.work}` : `Preview of ${card.name}`;
  });
  for (const bar of element.querySelectorAll(".meter")) {
    bar.querySelector(".part").setAttribute("width", 100 * (card.share ?? 0));
    bar.setAttribute("aria-label", `Probability that an AI made it: ${card.probability}`);
  }
}

function item(text) {
  const element = document.createElement("li");
  element.textContent = text;
  return element;
}

// Show an image large, beside the work that it is like.
function show(dialog, card) {
  fill(dialog, card);
  const picture = dialog.querySelector("[data-role=picture]");
  picture.onerror = null;
  picture.alt = `The image ${card.name}`;
  picture.hidden = card.original === null && card.thumb === null;
  if (card.original !== null && card.thumb !== null) {
    // Not all formats are shown by all browsers.
    picture.onerror = () => { picture.onerror = null; picture.src = card.thumb; };
  }
  if (!picture.hidden) picture.src = card.original ?? card.thumb;
  dialog.querySelector("[data-href=original]").hidden = card.original === null;
  if (!dialog.open) dialog.showModal();
}

// One cell of a CSV file. A text that a spreadsheet would take for a formula gets an apostrophe.
function cell(value) {
  let text = value === null ? "" : String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(rows, selection, done) {
  const value = (name, row) => rows[name].values[rows[name].codes[row]];
  const lines = [["path", "sha256", "verdict", "probability", "evidence", "generator", "likeness",
    "creator", "work", "action", "label", "done", "reasons"]];
  for (const row of selection) {
    const card = rows.card(row), probability = rows.probability[row];
    lines.push([
      card.folder ? `${card.folder}/${card.name}` : card.name,
      card.thumb && card.thumb.slice(-68, -4),
      value("verdict", row), probability < 0 ? null : probability / 10000, value("evidence", row),
      card.generator, card.likeness, value("creator", row), card.work, value("action", row),
      card.label, done.has(rows.key[row]) ? "yes" : "no", [...card.told, ...card.general].join(" "),
    ]);
  }
  return lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}

function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
