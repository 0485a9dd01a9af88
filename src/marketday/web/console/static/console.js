// Keeps the page live: the server sends its changing parts ready-made, and one point for each chart.
import { Charts } from "./charts.js";
import { countDown } from "./countdown.js";
import { morph } from "./morph.js";
import { showOwnTimes } from "/static/layout/local_time.js";

const section = document.getElementById("charts");
const link = document.getElementById("link");
const charts = new Charts(section);

function tell(state) {
  link.textContent = link.dataset[state];
  link.className = `badge ${state === "live" ? "good" : "bad"}`;
}

function show(picture) {
  const page = new DOMParser().parseFromString(picture.html, "text/html");
  for (const id of ["live-top", "live-bottom"]) morph(document.getElementById(id), page.getElementById(id));
  showOwnTimes();
  countDown(picture.at);
  section.hidden = charts.empty && !picture.point;
  if (picture.point) charts.add(picture.at, picture.point);
}

// EventSource comes back by itself after a lost connection; only an answer that is no stream makes it give up.
function listen() {
  const stream = new EventSource(section.dataset.stream);
  stream.addEventListener("open", () => tell("live"));
  stream.addEventListener("history", (event) => charts.replace(JSON.parse(event.data)));
  stream.addEventListener("picture", (event) => show(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    tell("lost");
    if (stream.readyState === EventSource.CLOSED) setTimeout(comeBack, 2000);
  });
}

// Whoever is no longer signed in is led to the sign-in by the page itself, and comes back to it.
async function comeBack() {
  const answer = await fetch("/v1/day", { cache: "no-store" }).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) location.reload();
  else listen();
}

listen();
