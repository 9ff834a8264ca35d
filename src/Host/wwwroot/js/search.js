/**
 * The field in which one looks for files. What one looks for is a place like any other: it has an address.
 * @module
 */

import { byId } from './dom.js';
import { listing } from './listing.js';
import { goTo } from './router.js';

const pause = 250;

export function startSearch() {
  const form = byId('search');
  const words = byId('search-words');
  const type = byId('search-type');
  let soon = 0;
  const look = () => {
    clearTimeout(soon);
    if (words.value.trim() || type.value) goTo({ kind: 'search', words: words.value.trim(), type: type.value });
    else if (listing.place.kind === 'search') goTo({ kind: 'folder', id: 'root' });
  };
  form.addEventListener('submit', event => { event.preventDefault(); look(); });
  words.addEventListener('input', () => { clearTimeout(soon); soon = setTimeout(look, pause); });
  type.addEventListener('change', look);
  listing.addEventListener('opened', () => {
    const { kind, words: asked = '', type: only = '' } = listing.place;
    type.hidden = kind !== 'search';
    if (kind === 'search' && document.activeElement === words) return;
    words.value = kind === 'search' ? asked : '';
    type.value = kind === 'search' ? only : '';
  });
}
