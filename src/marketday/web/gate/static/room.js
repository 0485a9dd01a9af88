// The waiting page: requests the public document, more often near one's turn, and enters the store when it is time.
// No state is stored here: after a reload, a closed tab or a lost network the place is the same.

import { Page } from "./page.js";
import { canCompute, drawnPosition, prove, showProof } from "./proof.js";
import { lookAgainSeconds, retrySeconds, stateOf } from "./view.js";

const root = document.querySelector("[data-room]");
const page = new Page(root, JSON.parse(document.querySelector("#texts").textContent), document.documentElement.lang);
const SETTLED_MILLISECONDS = 3000; // after this time the public document is as new as the page
const base = `/v1/drops/${root.dataset.drop}`;
const own = {
  index: root.dataset.index === "" ? null : Number(root.dataset.index),
  position: root.dataset.position === "" ? null : Number(root.dataset.position),
  known: root.dataset.known === "yes",
  outcome: ["inside", "again", "expired"].find((each) => each === root.dataset.state) ?? null,
};
let ahead = 0; // how far this machine's clock is ahead, in milliseconds
let failures = 0;
let timer = 0;
let proven = false;
let entering = false;
let looking = false;

const serverTime = () => Date.now() + ahead;

async function post(what) {
  const answer = await fetch(`${base}/${what}`, { method: "POST", headers: { Accept: "application/json" } });
  const body = await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, body, problem: (body.type ?? "").split(":").pop() };
}

async function takePlace() {
  const { ok, status, body } = await post("entries");
  if (ok) {
    own.index = body.index;
    own.position = body.position ?? own.position;
  } else if (status === 401) own.known = false;
}

async function learnPosition(now) {
  if (own.index === null || own.position !== null || now.seed === null) return;
  if (canCompute()) own.position = await drawnPosition(now, own.index);
  else await takePlace();
}

async function enter() {
  if (entering) return;
  entering = true;
  try {
    const { ok, status, problem } = await post("admissions");
    if (ok) window.location.assign(`/drops/${root.dataset.drop}`);
    else if (problem === "admission-expired") askServer();
    else if (status === 401) own.known = false;
  } finally {
    entering = false;
  }
}

// Only the server knows whether the person may join again, so reload the page.
function askServer() {
  if (performance.now() > SETTLED_MILLISECONDS) window.location.reload();
}

async function rejoin() {
  const { ok, body } = await post("entries?again=true");
  if (!ok) return askServer();
  own.index = body.index;
  own.position = body.position;
  own.outcome = null;
  return turn();
}

async function look() {
  // The edge caches the document; a browser cache would only make it older.
  const answer = await fetch(`${base}/now`, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error(`now: ${answer.status}`);
  const now = await answer.json();
  if (now.server_time !== look.last) ahead = Date.parse(now.server_time) - Date.now();
  look.last = now.server_time;
  if (own.known && own.index === null && ["waiting", "open"].includes(now.phase)) await takePlace();
  await learnPosition(now);
  if (!proven && now.seed !== null) {
    proven = true;
    showProof(page, now, own, canCompute() ? await prove(now, own.index) : null);
  }
  const state = stateOf(now, own);
  page.show(state, now, own);
  if (state === "served") await enter();
  return lookAgainSeconds(now, own, serverTime(), Math.random());
}

async function turn() {
  if (looking) return;
  looking = true;
  clearTimeout(timer);
  let wait;
  try {
    wait = await look();
    failures = 0;
    page.connected(true);
  } catch {
    failures += 1;
    if (failures > 1) page.connected(false);
    wait = retrySeconds(failures - 1, Math.random());
  }
  looking = false;
  timer = setTimeout(turn, wait * 1000);
}

for (const form of root.querySelectorAll("[data-enter]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter().catch(() => page.connected(false));
  });
}
root.querySelector("[data-again]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  rejoin().catch(() => page.connected(false));
});
window.addEventListener("online", turn);
window.addEventListener("offline", () => page.connected(false));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && turn());
setInterval(() => page.tick(serverTime()), 1000);
turn();
