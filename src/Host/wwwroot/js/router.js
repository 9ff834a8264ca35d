/**
 * The place is in the address, so that reload, bookmark and the back button work.
 * @module
 */

/** @typedef {import('./listing.js').Place} Place */

/** @returns {Place} */
export function place() {
  const [, kind, id, more] = location.hash.split('/');
  if (kind === 'search') return { kind, words: decodeURIComponent(id ?? ''), type: decodeURIComponent(more ?? '') };
  if (kind === 'trash' && id) return { kind, id: decodeURIComponent(id) };
  if (['trash', 'shared', 'favourites'].includes(kind)) return { kind };
  if (kind === 'past' && id && more) return { kind, id: decodeURIComponent(id), asOf: decodeURIComponent(more) };
  if (kind === 'tag' && id) return { kind, id: decodeURIComponent(id) };
  return { kind: 'folder', id: kind === 'folder' && id ? decodeURIComponent(id) : 'root' };
}

/** @param {Place} place */
export const addressOf = place => place.kind === 'folder'
  ? place.id === 'root' ? '#/' : `#/folder/${encodeURIComponent(place.id)}`
  : place.kind === 'search' ? `#/search/${encodeURIComponent(place.words)}${place.type ? `/${encodeURIComponent(place.type)}` : ''}`
  : place.kind === 'trash' && place.id ? `#/trash/${encodeURIComponent(place.id)}`
  : place.kind === 'past' ? `#/past/${encodeURIComponent(place.id)}/${encodeURIComponent(place.asOf)}`
  : place.kind === 'tag' ? `#/tag/${encodeURIComponent(place.id)}`
  : `#/${place.kind}`;

/** @param {Place} place */
export function goTo(place) {
  location.hash = addressOf(place);
}

/** @param {(place: Place) => void} handler */
export function whenMoved(handler) {
  addEventListener('hashchange', () => handler(place()));
}
