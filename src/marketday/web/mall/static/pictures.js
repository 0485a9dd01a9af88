// A picture that does not come gives way to the drawing that stands behind it.
const away = (image) => { if (image instanceof HTMLImageElement) image.hidden = true; };
document.addEventListener("error", (event) => away(event.target), true);
for (const image of document.images) if (image.complete && !image.naturalWidth && image.src) away(image);
