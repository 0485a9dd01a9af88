// The changing parts of the page: visible sections, numbers, the countdown, and messages for screen readers.

import { ahead, clockText, minutes } from "./view.js";

const QUIET_MILLISECONDS = 20_000;

export class Page {
  constructor(root, texts, language) {
    this.root = root;
    this.texts = texts;
    this.numbers = new Intl.NumberFormat(language);
    this.state = root.dataset.state;
    this.spokenAt = 0;
    this.target = null;
  }

  one(name) {
    return this.root.querySelector(`[data-value="${name}"]`);
  }

  fill(name, value) {
    for (const place of this.root.querySelectorAll(`[data-value="${name}"]`)) place.textContent = value;
  }

  show(state, now, own) {
    for (const section of this.root.querySelectorAll("[data-section]")) {
      section.hidden = section.dataset.section !== state;
    }
    const steps = [...this.root.querySelectorAll("[data-step]")];
    const current = steps.findIndex((step) => step.dataset.step.split(" ").includes(state));
    steps.forEach((step, place) => {
      step.classList.toggle("done", place < current);
      if (place === current) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
    for (const part of this.root.querySelectorAll("[data-stock]")) part.hidden = part.dataset.stock !== now.stock;
    this.root.querySelector("[data-crowd]").hidden = !["waiting", "queued", "served"].includes(state);
    this.fillNumbers(now, own);
    this.announce(state, now, own);
    this.state = this.root.dataset.state = state;
    this.target = { upcoming: now.room_opens_at, waiting: now.opens_at }[state] ?? null;
  }

  fillNumbers(now, own) {
    const number = (value) => (value === null ? "–" : this.numbers.format(value));
    const wait = minutes(now, own);
    this.fill("waiting", number(now.waiting));
    this.fill("inside", number(now.inside));
    this.fill("left", number(now.left));
    this.fill("ahead", number(ahead(now, own)));
    this.fill("position", number(own.position === null ? null : own.position + 1));
    this.fill("index", number(own.index === null ? null : own.index + 1));
    this.fill("wait", wait === null ? this.texts.wait_unknown : wait <= 1 ? this.texts.wait_short
      : this.texts.wait_minutes.replace("{minutes}", this.numbers.format(wait)));
    const bar = this.root.querySelector("progress");
    if (own.position !== null) {
      bar.max = own.position + 1;
      bar.value = Math.min(now.serving_number, own.position + 1);
    }
  }

  // A change of state is announced at once; numbers at most every twenty seconds, and never during another message.
  announce(state, now, own) {
    const changed = state !== this.state;
    const queued = state === "queued" && Date.now() - this.spokenAt > QUIET_MILLISECONDS;
    if (!changed && !queued) return;
    const section = this.root.querySelector(`[data-section="${state}"]`);
    const people = ahead(now, own);
    const said = state === "queued" && people !== null
      ? this.texts.ahead_spoken.replace("{people}", this.numbers.format(people))
      : section?.querySelector("h2")?.textContent ?? "";
    this.fill("spoken", said.trim());
    this.spokenAt = Date.now();
  }

  tick(serverTime) {
    if (this.target !== null) this.fill("countdown", clockText((Date.parse(this.target) - serverTime) / 1000));
  }

  connected(yes) {
    this.root.querySelector("[data-lost]").hidden = yes;
  }
}
