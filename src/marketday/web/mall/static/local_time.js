// Says an opening time in the visitor's own time zone, where that is another than the page's.
for (const place of document.querySelectorAll("[data-local-time]")) {
  const at = new Date(place.dataset.localTime);
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const say = (timeZone) => at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", timeZone });
  if (say(here) !== say("Asia/Seoul")) {
    place.textContent = place.dataset.text.replace("[time]", say(here));
    place.hidden = false;
  }
}
