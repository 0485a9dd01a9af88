// Counts every <time data-until> down, and reloads the page once when one ends, because the server knows what is next.
// It uses the server's clock, because the shopper's clock may be minutes wrong.
const opened = Date.now();
const times = [...document.querySelectorAll("time[data-until]")].map((element) => ({
  element,
  until: opened + Date.parse(element.dataset.until) - Date.parse(element.dataset.now),
}));
const NEAR_SECONDS = 60;

function show() {
  const now = Date.now();
  for (const { element, until } of times) {
    const seconds = Math.max(0, Math.ceil((until - now) / 1000));
    const minutes = Math.floor(seconds / 60);
    element.textContent = `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
    element.classList.toggle("near", seconds <= NEAR_SECONDS);
    if (until <= now && until > opened) {
      clearInterval(timer);
      setTimeout(() => location.reload(), 500 + Math.random() * 1500);
      return;
    }
  }
}

const timer = setInterval(show, 500);
if (times.length) show();
else clearInterval(timer);
