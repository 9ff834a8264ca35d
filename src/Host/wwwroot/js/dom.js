/**
 * Builds elements. Strings become text nodes, never markup: a file's name can contain anything.
 * @module
 */

import { icon } from './icons.js';

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [properties] `class`, `data-*`, `aria-*` and `role` become attributes, `on…`
 *   functions listeners, everything else properties; null, undefined and false are left out.
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...children.flat().filter(child => child || child === ''));
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {unknown} value
 */
function set(element, name, value) {
  if (value === null || value === undefined || value === false && !name.startsWith('aria-')) return;
  if (name.startsWith('on')) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  else if (name in element && !['class', 'role', 'list', 'form'].includes(name)) Reflect.set(element, name, value);
  else element.setAttribute(name, String(value));
}

/**
 * A button that shows an icon and says its label to those who cannot see it.
 * @param {string} iconName
 * @param {string} label
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, unknown>} [more]
 */
export const iconButton = (iconName, label, onclick, more = {}) =>
  h('button', { type: 'button', class: 'icon-button', title: label, 'aria-label': label, onclick, ...more }, icon(iconName));

/**
 * @param {string} label
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, unknown> & { icon?: string }} [more]
 */
export function button(label, onclick, { icon: iconName, ...more } = {}) {
  return h('button', { type: 'button', class: 'button', onclick, ...more }, iconName && icon(iconName), h('span', {}, label));
}

/**
 * The element with this id, which is in the page's own markup.
 * @param {string} id
 * @returns {any}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}.`);
  return element;
}

/**
 * A labelled field with room for its own error.
 * @param {string} label
 * @param {HTMLElement & { id: string }} input
 * @param {string} [hint]
 */
export function field(label, input, hint) {
  input.id ||= `field-${++fields}`;
  const about = hint && h('p', { class: 'hint', id: `${input.id}-hint` }, hint);
  if (about) input.setAttribute('aria-describedby', about.id);
  return h('div', { class: 'field' }, h('label', { htmlFor: input.id }, label), input, about);
}

let fields = 0;

/**
 * @param {string} svg a QR code as the server drew it
 * @param {string} alt what it holds
 */
export const qrPicture = (svg, alt) => h('img', { class: 'qr-code', alt, src: `data:image/svg+xml,${encodeURIComponent(svg)}` });
