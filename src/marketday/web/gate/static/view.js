// What the page shows, computed from the public document and this person's data, as in `view.py`. Pure.

const SOONEST_SECONDS = 1; // the edge caches the document for a second, so looking more often shows nothing new
const LATEST_SECONDS = 30;
const LATEST_IN_A_CROWD_SECONDS = 60;
const LATEST_UNSURE_SECONDS = 10; // while nobody was called lately
const OLDEST_SECONDS = 2; // the edge may serve the old document for a second while it fetches the next
const SLOWEST_RATE = 1; // people a second to assume if nobody was admitted lately, such as in an idle room
const FASTEST_RATE = 100; // people a second to expect at most
const LOOKS_PER_SECOND = 1000; // of all who wait
const LONGEST_SPREAD_SECONDS = 30;
const CLOSING_SPREAD_SECONDS = 3; // looks at the closing are spread over at least so many seconds
const OVER = new Set(["closed", "sold_out", "again", "expired", "inside"]);

// `own` is { index, position, known, outcome }; an outcome ("inside", "again", "expired") is the result of the exchange.
export function stateOf(now, own) {
  if (now.phase === "closed" || now.phase === "upcoming") return now.phase;
  if (own.outcome === "inside" || own.outcome === "expired") return own.outcome;
  if (now.phase === "open" && now.stock === "sold_out") return "sold_out";
  if (own.outcome === "again") return "again";
  if (!own.known || own.index === null) return "sign_in";
  if (now.phase === "waiting") return "waiting";
  return own.position !== null && own.position < now.serving_number ? "served" : "queued";
}

export function ahead(now, own) {
  return own.position === null ? null : Math.max(own.position - now.serving_number, 0);
}

export function minutes(now, own) {
  const people = ahead(now, own);
  return people === null || now.rate_per_second <= 0 ? null : Math.ceil(people / now.rate_per_second / 60);
}

// Seconds until the room or the sale opens; null if neither will open any more.
function beginsIn(now, own, serverTime) {
  if (now.phase === "open" || OVER.has(stateOf(now, own))) return null;
  return (Date.parse(now.phase === "upcoming" ? now.room_opens_at : now.opens_at) - serverTime) / 1000;
}

const spreadOut = (seconds, luck) => seconds * (0.75 + luck / 2);

// Over how many seconds all looks are spread at the opening and at the closing.
function spreadSeconds(waiting) {
  return Math.min(Math.max(waiting / LOOKS_PER_SECOND, SOONEST_SECONDS / 4), LONGEST_SPREAD_SECONDS);
}

function secondsWhileOpen(now, own, serverTime, luck) {
  const latest = Math.min(Math.max(now.waiting / LOOKS_PER_SECOND, LATEST_SECONDS), LATEST_IN_A_CROWD_SECONDS);
  const begins = beginsIn(now, own, serverTime);
  if (begins !== null) {
    if (begins > spreadOut(latest, 1)) return spreadOut(latest, luck);
    return Math.max(begins, 0) + SOONEST_SECONDS + spreadSeconds(now.waiting) * luck;
  }
  // After the end the page still looks, but rarely, because sold units may come back.
  const people = OVER.has(stateOf(now, own)) ? null : ahead(now, own);
  if (people === null) return spreadOut(latest, luck);
  const calm =
    now.rate_per_second > 0
      ? people / now.rate_per_second / 3
      : Math.min(people / SLOWEST_RATE / 3, Math.max(LATEST_UNSURE_SECONDS, people / FASTEST_RATE / 3));
  return Math.max(spreadOut(Math.min(calm, latest), luck), SOONEST_SECONDS * (1 + luck / 4));
}

// The rule of `waitingroom/looking.py`, where it is explained: a third of the time until the turn, at least one second and at
// most half a minute or more in a large crowd, up to a quarter more or less; rarely before the opening; at the opening and at
// the closing spread by `luck`, in [0, 1). `serverTime` is in milliseconds.
export function lookAgainSeconds(now, own, serverTime, luck) {
  const seconds = secondsWhileOpen(now, own, serverTime, luck);
  const closesIn = (Date.parse(now.closes_at) - serverTime) / 1000;
  if (closesIn <= -OLDEST_SECONDS) return seconds;
  const spread = Math.max(spreadSeconds(now.waiting), CLOSING_SPREAD_SECONDS);
  return Math.min(seconds, closesIn + OLDEST_SECONDS + 0.5 + spread * luck);
}

export function retrySeconds(failures, luck) {
  return Math.min(2 ** Math.min(failures, 5), 15) * (0.75 + luck / 2);
}

export function clockText(seconds) {
  const whole = Math.max(Math.floor(seconds), 0);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? [String(hours), ...parts].join(":") : parts.join(":");
}
