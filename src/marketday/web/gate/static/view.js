// What the page shows, from the public document and what this person has: the same as `view.py`. Pure.

const SOONEST_SECONDS = 1; // the document is cached for a second
const LATEST_SECONDS = 10;
const OLDEST_SECONDS = 2; // the edge may show the document a second longer while it fetches the next

// A look that would fall behind the closing comes as soon as the document tells of it, spread over three seconds;
// `luck` is in [0, 1).
export function noLaterThanClosing(waitSeconds, closesInSeconds, luck) {
  return closesInSeconds > -OLDEST_SECONDS ? Math.min(waitSeconds, closesInSeconds + OLDEST_SECONDS + 0.5 + 3 * luck) : waitSeconds;
}

// `own` is { index, position, known, outcome }; an outcome ("inside", "expired") is what the exchange came to.
export function stateOf(now, own) {
  if (now.phase === "closed" || now.phase === "upcoming") return now.phase;
  if (own.outcome) return own.outcome;
  if (now.phase === "open" && now.stock === "sold_out") return "sold_out";
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

export function secondsAway(now, own, serverTime) {
  if (now.phase === "upcoming") return (Date.parse(now.room_opens_at) - serverTime) / 1000;
  if (now.phase === "waiting") return (Date.parse(now.opens_at) - serverTime) / 1000;
  const people = ahead(now, own);
  return people === null || now.rate_per_second <= 0 ? 3 * LATEST_SECONDS : people / now.rate_per_second;
}

// A third of the way: slower from far, faster from near, and a quarter to either side so that nobody looks in step.
export function pollSeconds(away, luck) {
  return Math.min(Math.max(away / 3, SOONEST_SECONDS), LATEST_SECONDS) * (0.75 + luck / 2);
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
