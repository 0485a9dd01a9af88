// Keeps the page live: the server sends the changing parts as HTML, and one point for each chart.
import { Charts } from "./charts.js";
import { countDown } from "./countdown.js";
import { morph } from "./morph.js";
import { showOwnTimes } from "../layout/local_time.js";

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

// EventSource reconnects by itself after a lost connection; it only stops after an answer that is not a stream.
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

// If the person is no longer signed in, a reload of the page leads to the sign-in and back.
async function comeBack() {
  const answer = await fetch("/v1/day", { cache: "no-store" }).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) location.reload();
  else listen();
}

listen();
