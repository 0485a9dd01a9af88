// Adds the reader's local time to every <time data-zone>, if it differs.

function wall(at, timeZone) {
  const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", timeZone };
  return new Intl.DateTimeFormat("en", parts).format(at);
}

function day(at, timeZone) {
  return new Intl.DateTimeFormat("en", { year: "numeric", month: "numeric", day: "numeric", timeZone }).format(at);
}

// The moment in the zone `own`, with its date if it differs from the date in `zone`; "" if both clocks show the same.
export function ownTime(iso, zone, own, language) {
  const at = new Date(iso);
  if (wall(at, zone) === wall(at, own)) return "";
  const date = day(at, zone) === day(at, own) ? {} : { weekday: "short", day: "numeric", month: "short" };
  const parts = { ...date, hourCycle: "h23", hour: "numeric", minute: "2-digit", timeZoneName: "short", timeZone: own };
  return new Intl.DateTimeFormat(language, parts).format(at);
}

export function showOwnTimes(root = document) {
  const { lang } = document.documentElement;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const place of root.querySelectorAll("time[data-zone]")) {
    if (place.querySelector(".own-time")) continue;
    try {
      const time = ownTime(place.dateTime, place.dataset.zone, own, lang);
      if (time === "") continue;
      const said = document.createElement("span");
      said.className = "own-time";
      said.textContent = ` [${document.body.dataset.ownTime.replace("{time}", time)}]`;
      place.append(said);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // a browser that does not know the zone
    }
  }
}

if (globalThis.document) showOwnTimes();
