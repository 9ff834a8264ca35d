/**
 * Somebody's picture, or where there is none their initials.
 * @module
 */

import { byId, h } from './dom.js';

/**
 * What is beside a name: who reads the page aloud says the name alone.
 * @param {{ id: string, avatar?: string | null, name?: string | null }} person
 */
export const avatarOf = person => draw(h('span', { class: 'avatar', 'aria-hidden': 'true' }), person);

/**
 * Shows the person whose page it is.
 * @param {{ id: string, avatar?: string | null, displayName: string }} me
 */
export function drawMe({ id, avatar, displayName }) {
  byId('account-name').textContent = displayName;
  draw(byId('account-mark'), { id, avatar, name: displayName });
}

/**
 * The first letters of the first and the last word.
 * @param {string | null | undefined} name
 */
export function initials(name) {
  const words = (name ?? '').split(/\s+/).filter(Boolean);
  const letters = [words.at(0), words.length > 1 ? words.at(-1) : ''].map(word => [...word ?? ''][0] ?? '');
  return letters.join('').toUpperCase() || '?';
}

/**
 * @param {HTMLElement} spot
 * @param {{ id: string, avatar?: string | null, name?: string | null }} person
 */
function draw(spot, { id, avatar, name }) {
  const picture = avatar && h('img', { alt: '', width: 32, height: 32, onerror: () => picture.remove() });
  spot.replaceChildren(...[initials(name), picture].filter(Boolean));
  // Another picture is at another address: what a browser has kept of the former is not shown.
  if (picture) picture.src = `/api/people/${encodeURIComponent(id)}/avatar?of=${encodeURIComponent(avatar)}`;
  return spot;
}
