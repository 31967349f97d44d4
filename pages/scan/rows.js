"use strict";
// The rows of a scan: what the index files give, which rows a selection holds, and what they show.
// The files call rakkan.index.push(...), and set rakkan.cards[...]; see scan/columns.py.

var rakkan = { index: [], cards: [] };

const CARDS = 500;  // rows of one file of cards
const COLUMNS = ["verdict", "evidence", "generator", "folder", "creator", "action"];

class Rows {
  // Joins the parts of the index, each of which numbers its own values.
  constructor(parts) {
    this.length = parts.reduce((sum, part) => sum + part.rows, 0);
    for (const name of ["key", "name", "probability", "attention", "likeness"]) {
      this[name] = parts.length === 1 ? parts[0][name] : parts.flatMap((part) => part[name]);
    }
    for (const name of COLUMNS) this[name] = joined(parts.map((part) => part[name]), this.length);
  }

  // The numbers of the rows that a selection holds, in its order.
  select(wanted, done) {
    const tests = this.tests(wanted, done);
    const found = [];
    for (let row = 0; row < this.length; row++) {
      if (tests.every((test) => test(row))) found.push(row);
    }
    const order = this.orders()[wanted.sort];
    return order ? found.sort(order) : found;
  }

  tests(wanted, done) {
    const tests = [];
    for (const name of COLUMNS) {
      if (!wanted[name]) continue;
      const { values, codes } = this[name];
      const below = name === "folder" ? `${wanted[name]}/` : null;
      const held = values.map((value) => value === wanted[name]
        || (below !== null && value !== null && value.startsWith(below)));
      tests.push((row) => held[codes[row]]);
    }
    if (wanted.attention === "any") tests.push((row) => this.attention[row] > 0);
    else if (wanted.attention) tests.push((row) => (this.attention[row] & wanted.attention) > 0);
    if (wanted.likeness) tests.push((row) => this.likeness[row] === Number(wanted.likeness));
    if (wanted.from) tests.push((row) => this.probability[row] >= 100 * wanted.from);
    if (wanted.to) {
      const end = wanted.to === "100" ? 10000 : 100 * wanted.to - 1;
      tests.push((row) => this.probability[row] >= 0 && this.probability[row] <= end);
    }
    if (wanted.done) tests.push((row) => done.has(this.key[row]) === (wanted.done === "yes"));
    if (wanted.name) {
      const sought = wanted.name.toLowerCase();
      tests.push((row) => this.name[row].toLowerCase().includes(sought));
    }
    return tests;
  }

  orders() {
    const probability = this.probability;
    return {
      high: (a, b) => probability[b] - probability[a] || a - b,
      low: (a, b) => (probability[a] < 0) - (probability[b] < 0) || probability[a] - probability[b] || a - b,
      likeness: (a, b) => this.likeness[b] - this.likeness[a] || probability[b] - probability[a] || a - b,
      name: (a, b) => (this.name[a] < this.name[b] ? -1 : this.name[a] > this.name[b] ? 1 : a - b),
    };
  }

  // The values of a column that stand in it, the most frequent first, with how often.
  counted(name) {
    const { values, codes } = this[name];
    const counts = new Uint32Array(values.length);
    for (const code of codes) counts[code]++;
    return values.map((value, code) => [value, counts[code]]).filter(([value]) => value !== null)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }

  // What a row shows. Its file was loaded before, by `load`.
  card(row) {
    const columns = rakkan.cards[Math.floor(row / CARDS)], card = {};
    for (const [name, { values, codes }] of Object.entries(columns)) {
      card[name] = values[codes[row % CARDS]];
    }
    return card;
  }

  // Has the files of cards that rows stand in.
  load(rows) {
    const files = new Set(rows.map((row) => Math.floor(row / CARDS)));
    return Promise.all([...files].filter((file) => !rakkan.cards[file]).map(script));
  }
}

function joined(parts, length) {
  const numbers = new Map(), codes = new Uint32Array(length);
  let at = 0;
  for (const part of parts) {
    const own = part.values.map((value) => {
      if (!numbers.has(value)) numbers.set(value, numbers.size);
      return numbers.get(value);
    });
    for (const code of part.codes) codes[at++] = own[code];
  }
  return { values: [...numbers.keys()], codes };
}

function script(file) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = `report/cards-${String(file + 1).padStart(4, "0")}.js`;
    element.onload = () => { element.remove(); resolve(); };
    element.onerror = () => reject(new Error(`${element.src} cannot be read`));
    document.head.append(element);
  });
}
