/**
 * Draws the listing, touching only what changed, so that focus and scroll stay where they are.
 * @module
 */

import { card } from './card.js';
import { button, byId, h } from './dom.js';
import { count } from './format.js';
import { icon } from './icons.js';
import { keyOf, listing } from './listing.js';
import { selection } from './selection.js';

const list = byId('items');
const state = byId('state');
const more = byId('more');

/** @type {Map<string, { element: HTMLElement, drawn: string }>} */
const drawn = new Map();
/** @type {Parameters<typeof card>[1]} */
let does;
/** @type {() => void} */
let chooseFiles;

/**
 * @param {Parameters<typeof card>[1]} handlers
 * @param {() => void} choose opens the file chooser, for an empty folder
 */
export function startView(handlers, choose) {
  does = handlers;
  chooseFiles = choose;
  listing.addEventListener('changed', draw);
  selection.addEventListener('changed', drawSelection);
  new IntersectionObserver(seen => { if (seen.some(entry => entry.isIntersecting)) listing.more(); }, { rootMargin: '600px' })
    .observe(more);
  more.addEventListener('click', () => listing.more());
}

function draw() {
  const focused = document.activeElement?.closest('.item')?.dataset.key;
  const hadFocus = document.activeElement;
  const kept = new Set(listing.items.map(keyOf));
  for (const [key, { element }] of drawn) {
    if (kept.has(key)) continue;
    moveFocusOff(element);
    element.remove();
    drawn.delete(key);
  }
  listing.items.forEach((item, index) => {
    const element = elementOf(item);
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
  // An element that changes its place, or is drawn anew, loses the focus.
  if (focused && document.activeElement !== hadFocus) {
    const element = drawn.get(focused)?.element;
    if (element) (element.contains(hadFocus) ? hadFocus : openerOf(element)).focus({ preventScroll: true });
  }
  list.hidden = !listing.items.length;
  byId('columns').hidden = list.hidden;
  more.hidden = !listing.cursor || listing.state === 'failed';
  more.disabled = listing.state === 'loading';
  state.replaceChildren(...stateOf());
  byId('main').setAttribute('aria-busy', String(listing.state === 'loading'));
  rove();
  drawSelection();
}

/** @param {import('./listing.js').Item} item */
function elementOf(item) {
  const key = keyOf(item);
  const now = JSON.stringify(item);
  const before = drawn.get(key);
  if (before?.drawn === now || before?.element.querySelector('.item-rename')) return before.element;
  const element = card(item, does);
  drawn.set(key, { element, drawn: now });
  before?.element.replaceWith(element);
  return element;
}

/** @param {HTMLElement} element */
function moveFocusOff(element) {
  if (!element.contains(document.activeElement)) return;
  const next = element.nextElementSibling ?? element.previousElementSibling;
  (next ? openerOf(next) : byId('main')).focus();
}

/** @param {Element} element @returns {HTMLElement} */
const openerOf = element => element.querySelector('[data-open]');

/** One item at a time is in the tab order; arrows go between them. */
function rove() {
  const current = list.querySelector('.item.current') ?? list.firstElementChild;
  if (current) makeCurrent(current);
}

/** @param {Element} element */
export function makeCurrent(element) {
  for (const old of list.querySelectorAll('.item.current')) {
    old.classList.remove('current');
    for (const part of old.querySelectorAll('button, input[type=checkbox]')) part.tabIndex = -1;
  }
  element.classList.add('current');
  for (const part of element.querySelectorAll('button, input[type=checkbox]')) part.tabIndex = 0;
}

function drawSelection() {
  for (const [key, { element }] of drawn) {
    const chosen = selection.has(key);
    element.classList.toggle('selected', chosen);
    element.querySelector('input[type=checkbox]').checked = chosen;
  }
  list.classList.toggle('choosing', selection.size > 0);
}

/** @returns {Node[]} */
function stateOf() {
  if (listing.state === 'failed') {
    return [icon('warning'), h('h2', {}, 'This cannot be shown'), h('p', { role: 'alert' }, listing.error.message),
      button('Try again', () => listing.open(listing.place), { icon: 'retry' })];
  }
  if (listing.state === 'loading' && !listing.items.length) {
    return [h('div', { class: 'skeletons', role: 'status' }, h('span', { class: 'visually-hidden' }, 'Loading…'),
      ...Array.from({ length: 8 }, () => h('div', { class: 'skeleton' })))];
  }
  if (listing.error) return [h('p', { role: 'alert' }, listing.error.message)];
  if (listing.items.length) return [];
  const { kind } = listing.place;
  if (kind === 'trash') return [icon('trash'), h('h2', {}, 'The trash is empty'), h('p', {}, 'What you throw away waits here until you delete it for good.')];
  if (kind === 'shared') return [icon('people'), h('h2', {}, 'Nothing is shared with you yet'), h('p', {}, 'Files that others share with you appear here.')];
  if (kind === 'favourites') return [icon('star'), h('h2', {}, 'No favourites yet'), h('p', {}, 'What you use often is here once you mark it with a star.')];
  if (kind === 'tag') return [icon('tag'), h('h2', {}, 'Nothing bears this tag')];
  if (kind === 'past') return [icon('clock'), h('h2', {}, 'Nothing was here then')];
  if (kind === 'search') return [icon('file'), h('h2', {}, 'Nothing found'), h('p', {}, 'Other or fewer words may find more. The beginning of a word will do.')];
  return [icon('upload'), h('h2', {}, 'Drop files here'), h('p', {}, 'Or choose them from this device. Uploads survive a lost connection and a reload.'),
    button('Choose files', () => chooseFiles(), { icon: 'upload', class: 'button primary' })];
}

/** What the listing holds, for a heading. */
export const summary = () => listing.state === 'ready'
  ? count(listing.items.length, 'item') + (listing.cursor ? ' and more' : '') : '';
