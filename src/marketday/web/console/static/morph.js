// Makes one element equal to another by changing only the differences. So bars move smoothly to a new width, a selection
// or an open detail stays, and a screen reader does not read the whole page every second.

export function morph(here, there) {
  const ours = [...here.childNodes];
  const theirs = [...there.childNodes];
  theirs.forEach((node, index) => {
    const known = ours[index];
    if (!known) here.append(document.importNode(node, true));
    else if (known.nodeType !== node.nodeType || known.nodeName !== node.nodeName) known.replaceWith(document.importNode(node, true));
    else if (node.nodeType === Node.ELEMENT_NODE) element(known, node);
    else if (known.nodeValue !== node.nodeValue) known.nodeValue = node.nodeValue;
  });
  ours.slice(theirs.length).forEach((node) => node.remove());
}

function element(here, there) {
  for (const { name, value } of there.attributes) if (here.getAttribute(name) !== value) here.setAttribute(name, value);
  for (const { name } of [...here.attributes]) if (name !== "open" && !there.hasAttribute(name)) here.removeAttribute(name);
  if (!here.hasAttribute("data-countdown")) morph(here, there);
}
