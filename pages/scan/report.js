"use strict";
// The page: what is selected stands behind the # of its address, so that links and Back lead to it.

const PAGE = 50;  // images on one page of the list

class Report {
  constructor(rows) {
    this.rows = rows;
    this.list = part("cards");
    this.form = document.querySelector(".controls");
    this.one = document.getElementById("one");
    this.done = new Done(this.list.dataset.scan);
    this.fillChoices();
    this.listen();
    this.read();
  }

  fillChoices() {
    for (const name of ["evidence", "generator", "folder", "creator"]) {
      const choice = this.form.elements[name];
      if (!choice) continue;
      for (const [value, count] of this.rows.counted(name)) {
        choice.add(new Option(`${value} (${count.toLocaleString("en")})`, value));
      }
      choice.parentElement.hidden = choice.length === 1;
    }
    this.form.hidden = false;
  }

  // From the address to the list.
  read() {
    const given = new URLSearchParams(location.hash.slice(1));
    this.wanted = Object.fromEntries(given);
    for (const choice of this.form.elements) if (choice.name) choice.value = this.wanted[choice.name] ?? "";
    this.page = Math.max(1, Number(given.get("page")) || 1);
    this.selection = this.rows.select(this.wanted, this.done);
    return this.render();
  }

  // From what was chosen to the address.
  write(changed) {
    const wanted = { ...this.wanted, page: "", ...changed };
    const kept = Object.entries(wanted).filter(([, value]) => value !== "");
    history.pushState(null, "", `#${new URLSearchParams(kept)}`);
    return this.read();
  }

  async render(focus = null) {
    const pages = Math.max(1, Math.ceil(this.selection.length / PAGE));
    this.page = Math.min(this.page, pages);
    const shown = this.selection.slice((this.page - 1) * PAGE, this.page * PAGE);
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      await this.rows.load(shown);
    } catch (error) {
      say(error.message);
      return;
    }
    if (turn !== this.turn) return;
    this.list.replaceChildren(...shown.map((row) => this.card(row)));
    const all = this.rows.length.toLocaleString("en"), found = this.selection.length.toLocaleString("en");
    const words = found === all ? all : `${found} of ${all}`;
    part("count").textContent = words;
    say(`${words} images`);
    part("pager").hidden = pages === 1;
    part("page").textContent = `page ${this.page} of ${pages}`;
    if (focus !== null) this.focus(focus < 0 ? shown.length - 1 : focus);
    performance.mark("listed");
  }

  card(row) {
    const element = part("card").content.firstElementChild.cloneNode(true);
    const card = this.rows.card(row);
    fill(element, card);
    const preview = element.querySelector(".preview");
    if (!preview.href) {
      // There is no file to lead to, but the image can be opened all the same.
      preview.tabIndex = 0;
      preview.role = "button";
      preview.ariaLabel = `Open ${card.name}`;
    }
    element.dataset.row = row;
    element.classList.toggle("done", this.done.has(this.rows.key[row]));
    return element;
  }

  // The card that a person is at, and the way from one to the next, over the ends of pages.
  get current() { return this.list.querySelector(".card.current"); }

  focus(place) {
    const element = this.list.children[place];
    if (!element) return;
    this.current?.classList.remove("current");
    element.classList.add("current");
    element.focus();
    if (this.one.open) show(this.one, this.rows.card(Number(element.dataset.row)));
  }

  step(by) {
    const at = [...this.list.children].indexOf(this.current);
    const next = at < 0 ? 0 : at + by;
    if (next >= 0 && next < this.list.children.length) this.focus(next);
    else this.turnTo(this.page + by, by > 0 ? 0 : -1);
  }

  turnTo(page, focus = null) {
    if (page < 1 || (page - 1) * PAGE >= this.selection.length) return undefined;
    this.page = page;
    history.replaceState(null, "", `#${new URLSearchParams({ ...this.wanted, page })}`);
    this.wanted.page = String(page);
    if (focus === null) document.getElementById("images").scrollIntoView();
    return this.render(focus);
  }

  open(element) {
    this.focus([...this.list.children].indexOf(element));
    show(this.one, this.rows.card(Number(element.dataset.row)));
  }

  toggle() {
    const element = this.current;
    if (!element) return;
    const done = this.done.toggle(this.rows.key[Number(element.dataset.row)]);
    element.classList.toggle("done", done);
    say(done ? "Done" : "Not done");
  }

  async export() {
    say("The file is being made");
    await this.rows.load(this.selection);
    save("selection.csv", csv(this.rows, this.selection, this.done));
    say(`${this.selection.length.toLocaleString("en")} images exported`);
  }

  listen() {
    window.addEventListener("hashchange", () => { if (isSelection()) this.read(); });
    this.form.addEventListener("input", ({ target }) => this.write({ [target.name]: target.value }));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("reset", (event) => {
      event.preventDefault();
      this.wanted = {};
      this.write({});
    });
    this.list.addEventListener("click", (event) => {
      const card = event.target.closest(".card");
      if (!card || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.open(card);
    });
    const acts = {
      export: () => this.export(),
      help: () => document.getElementById("help").showModal(),
      done: () => this.toggle(),
      previous: () => this.turnTo(this.page - 1),
      next: () => this.turnTo(this.page + 1),
    };
    document.addEventListener("click", ({ target }) => acts[target.closest("[data-act]")?.dataset.act]?.());
    const keys = {
      j: () => this.step(1),
      k: () => this.step(-1),
      n: acts.next,
      p: acts.previous,
      x: acts.done,
      "?": acts.help,
      "/": () => this.form.elements.name.focus(),
      Enter: () => {
        const card = document.activeElement.closest(".cards .card");
        if (card) this.open(card);
      },
    };
    document.addEventListener("keydown", (event) => {
      const act = keys[event.key];
      if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.target.matches("input, select")) return;
      if (event.key === "Enter" && event.target.matches("button, a[href]")) return;
      if (event.key !== "Enter") event.preventDefault();
      act();
    });
  }
}

// What a person has done with, kept in this browser under the scan's id.
class Done {
  constructor(scan) {
    this.place = `rakkan-scan-${scan}`;
    try {
      this.keys = new Set((localStorage.getItem(this.place) ?? "").match(/.{8}/g));
    } catch {
      this.keys = new Set();  // the browser keeps nothing: it holds as long as the page
    }
  }

  has(key) { return this.keys.has(key); }

  toggle(key) {
    if (!this.keys.delete(key)) this.keys.add(key);
    try {
      localStorage.setItem(this.place, [...this.keys].join(""));
    } catch {
      say("This browser keeps nothing: what is done is forgotten with the page");
    }
    return this.keys.has(key);
  }
}

function part(role) { return document.querySelector(`[data-role=${role}]`); }

function say(words) { part("status").textContent = words; }

// Some addresses lead to a place on the page.
function isSelection() {
  return location.hash === "" || location.hash.includes("=");
}

new Report(new Rows(rakkan.index));
