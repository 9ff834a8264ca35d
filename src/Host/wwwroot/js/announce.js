/**
 * Tells people what happened: a small card for eyes, a live region for ears.
 * @module
 */

import { h, byId, iconButton } from './dom.js';
import { icon } from './icons.js';

/**
 * For ears only.
 * @param {string} words
 */
export function whisper(words) {
  const region = byId('whisper');
  region.textContent = '';
  // A region that is emptied and filled in one frame stays silent when the words are the same as before.
  requestAnimationFrame(() => { region.textContent = words; });
}

/**
 * @param {string} words
 * @param {{ label: string, act: () => void }} [offer] one thing to do about it, like undoing
 */
export const tell = (words, offer) => show(words, 'info', offer);

/**
 * @param {unknown} error
 * @param {string} [what] what was tried
 */
export function complain(error, what) {
  const why = error instanceof Error ? error.message : String(error);
  show(what ? `${what}: ${why}` : why, 'error');
}

/**
 * @param {string} words
 * @param {'info' | 'error'} kind
 * @param {{ label: string, act: () => void }} [offer]
 */
function show(words, kind, offer) {
  const close = () => { clearTimeout(timer); card.remove(); };
  const card = h('div', { class: `toast ${kind}` },
    icon(kind === 'error' ? 'warning' : 'check'),
    h('p', {}, words),
    offer && h('button', { type: 'button', class: 'text-button', onclick: () => { close(); offer.act(); } }, offer.label),
    iconButton('close', 'Dismiss', close));
  const place = byId(kind === 'error' ? 'alerts' : 'notices');
  while (place.childElementCount > 2) place.firstElementChild.remove();
  place.append(card);
  const timer = setTimeout(close, kind === 'error' ? 12_000 : 6_000);
  card.addEventListener('pointerenter', () => clearTimeout(timer));
  card.addEventListener('focusin', () => clearTimeout(timer));
}
