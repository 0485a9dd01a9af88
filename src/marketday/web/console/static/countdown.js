// Writes the remaining time into every <time data-countdown>, by the server's clock.

let ahead = 0; // by how many seconds the server's clock is ahead of this machine's clock

const FAR = 99 * 3600; // seconds; for longer times the date is clearer than a number of hours

function text(seconds, date) {
  const left = Math.max(0, Math.ceil(seconds));
  if (left > FAR) return date;
  const parts = [Math.floor(left / 60) % 60, left % 60];
  const hours = Math.floor(left / 3600);
  if (hours > 0) parts.unshift(hours);
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

function write() {
  for (const time of document.querySelectorAll("time[data-countdown]")) {
    const shown = text(Date.parse(time.dateTime) / 1000 - Date.now() / 1000 - ahead, time.dataset.date);
    if (time.textContent !== shown) time.textContent = shown;
  }
}

export function countDown(serverSeconds) {
  ahead = serverSeconds - Date.now() / 1000;
  write();
}

setInterval(write, 250);
