/**
 * One item of a listing, as tile or row: the style sheet decides which.
 * @module
 */

import { h, iconButton } from './dom.js';
import { bytes, exactly, spoken, when } from './format.js';
import { icon, iconOf } from './icons.js';
import { keyOf } from './listing.js';

/** @typedef {import('./listing.js').Item} Item */

/**
 * @param {Item} item
 * @param {{ open: (item: Item) => void, toggle: (item: Item, event: MouseEvent) => void,
 *   menu: (item: Item, at: { button?: HTMLElement, x?: number, y?: number }) => void }} does
 */
export function card(item, does) {
  const key = keyOf(item);
  const look = iconOf(item);
  const folder = item.kind === 'folder';
  const note = item.sharedBy ? `Shared by ${item.sharedBy}` : badgeWords(item);
  return h('li', { class: `item ${item.kind}`, 'data-key': key, draggable: true },
    h('label', { class: 'item-check' },
      h('input', { type: 'checkbox', tabIndex: -1, 'aria-label': `Select ${item.name}`,
        onclick: (/** @type {MouseEvent} */ event) => does.toggle(item, event) })),
    h('button', { type: 'button', class: 'item-open', tabIndex: -1, 'data-open': '', onclick: () => does.open(item) },
      picture(item, look),
      h('span', { class: 'item-words' },
        h('span', { class: 'item-name', title: item.name }, ...marked(item.name, item.nameMarks)),
        h('span', { class: 'visually-hidden' }, `, ${look.says}${item.favourite ? ', favourite' : ''}`),
        item.snippet && h('span', { class: 'item-snippet' }, ...marked(item.snippet.text, item.snippet.marks)),
        item.tags?.length > 0 && h('span', { class: 'item-tags' }, ...item.tags.map(tag => h('span', { class: 'tag' }, tag.name))),
        h('span', { class: 'item-note' },
          folder ? '' : bytes(item.size ?? 0), h('span', { class: 'item-note-date' }, when(item.createdAt)))),
      item.favourite && h('span', { class: 'item-star', title: 'Favourite' }, icon('star')),
      badge(item, note)),
    h('span', { class: 'item-cell', 'aria-hidden': 'true' }, folder ? '' : bytes(item.size ?? 0)),
    h('span', { class: 'item-cell', title: exactly(item.createdAt), 'aria-hidden': 'true' }, when(item.createdAt)),
    iconButton('more', `Actions for ${item.name}`, event => does.menu(item, { button: event.currentTarget }),
      { class: 'icon-button item-menu', tabIndex: -1, 'aria-haspopup': 'menu', 'aria-expanded': 'false' }));
}

/**
 * @param {Item} item
 * @param {{ name: string, tint: string }} look
 */
function picture(item, look) {
  const frame = h('span', { class: `item-picture tint-${look.tint}` }, icon(look.name));
  if (!item.thumbnail) return frame;
  const image = h('img', { alt: '', loading: 'lazy', decoding: 'async', draggable: false, src: item.thumbnail,
    onload: () => frame.classList.add('has-picture'), onerror: () => image.remove() });
  frame.append(image);
  return frame;
}

/**
 * A text with what was looked for marked: the text stays text, whatever it looks like.
 * @param {string} text
 * @param {{ start: number, length: number }[]} [marks]
 */
export function marked(text, marks = []) {
  const parts = [];
  let at = 0;
  for (const { start, length } of marks) {
    parts.push(text.slice(at, start), h('mark', {}, text.slice(start, start + length)));
    at = start + length;
  }
  return [...parts, text.slice(at)];
}

/** @param {Item} item */
function badgeWords({ status, scan, progress }) {
  if (status === 'processing' && progress?.total) return `Processing ${progress.done} of ${progress.total}…`;
  if (status === 'ready' && scan === 'unscannable') return 'Not scannable';
  return !status || status === 'ready' || status === 'trashed' ? '' : `${spoken(status)}${status === 'processing' ? '…' : ''}`;
}

/**
 * @param {Item} item
 * @param {string} words
 */
function badge(item, words) {
  return words && h('span', { class: `badge ${item.sharedBy ? 'quiet' : item.status}` }, words);
}
