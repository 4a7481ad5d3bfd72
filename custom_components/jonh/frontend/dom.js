/** Elements in one line. */

/**
 * Make an element. Properties that begin with "on" are listeners, those that the element has are
 * set, all others become attributes; false and null leave them out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && !name.includes("-")) /** @type {any} */ (element)[name] = value;
    else attribute(element, name, value);
  }
  element.append(
    ...children.filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/**
 * Set an attribute, or take it away with null and false.
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | null} value
 */
export function attribute(element, name, value) {
  const isSpoken = name.startsWith("aria-") && typeof value === "boolean";
  if (value === null || (value === false && !isSpoken)) element.removeAttribute(name);
  else element.setAttribute(name, value === true && !isSpoken ? "" : String(value));
}

/** Write a text only where it changed, so that nothing is read out twice. @param {Node} node @param {string} text */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
