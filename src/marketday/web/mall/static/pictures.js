// Hide a picture that cannot be loaded, so that the drawing behind it is visible.
const away = (image) => { if (image instanceof HTMLImageElement) image.hidden = true; };
document.addEventListener("error", (event) => away(event.target), true);
for (const image of document.images) if (image.complete && !image.naturalWidth && image.src) away(image);
