/**
 * The listing by keyboard: arrows move, Space chooses, Enter opens, F2 renames, Delete throws away.
 * @module
 */

import { byId } from './dom.js';
import { listing } from './listing.js';
import { selection } from './selection.js';
import { makeCurrent } from './view.js';

/** @typedef {import('./listing.js').Item} Item */

const list = byId('items');

/**
 * @param {{ rename: (item: Item) => void, remove: (items: Item[]) => void,
 *   menu: (item: Item, at: { x: number, y: number }) => void }} does
 */
export function startKeyboard(does) {
  list.addEventListener('focusin', event => {
    const element = event.target.closest('.item');
    if (element) makeCurrent(element);
  });
  list.addEventListener('keydown', event => onKey(event, does));
  list.addEventListener('contextmenu', event => {
    const element = event.target.closest('.item');
    const item = element && listing.find(element.dataset.key);
    if (!item || event.target.matches('input[type=text]')) return;
    event.preventDefault();
    const { left, bottom } = element.getBoundingClientRect();
    does.menu(item, event.button === 2 ? { x: event.clientX, y: event.clientY } : { x: left + 24, y: bottom - 24 });
  });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    selection.clear();
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {Parameters<typeof startKeyboard>[0]} does
 */
function onKey(event, does) {
  const element = event.target.closest('.item');
  const item = element && listing.find(element.dataset.key);
  if (!item || event.target.matches('input[type=text]')) return;
  const onOpener = event.target.matches('[data-open]');
  const act = {
    ArrowRight: () => step(element, 1, event),
    ArrowLeft: () => step(element, -1, event),
    ArrowDown: () => step(element, columns(), event),
    ArrowUp: () => step(element, -columns(), event),
    Home: () => focus(list.firstElementChild),
    End: () => focus(list.lastElementChild),
    F2: () => does.rename(item),
    Delete: () => does.remove(selection.with(item)),
    ' ': onOpener && (() => selection.toggle(element.dataset.key)),
    a: (event.ctrlKey || event.metaKey) && (() => selection.all()),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

/**
 * @param {Element} from
 * @param {number} by
 * @param {KeyboardEvent} event
 */
function step(from, by, event) {
  const items = [...list.children];
  const to = items[Math.max(0, Math.min(items.length - 1, items.indexOf(from) + by))];
  if (event.shiftKey) {
    if (!selection.size) selection.toggle(from.dataset.key);
    selection.extend(to.dataset.key);
  }
  focus(to);
}

/** @param {Element | null} element */
function focus(element) {
  element?.querySelector('[data-open]').focus();
}

/** How many items stand beside each other. */
function columns() {
  const top = list.firstElementChild?.offsetTop;
  const next = [...list.children].findIndex(element => element.offsetTop !== top);
  return next > 0 ? next : Math.max(1, list.childElementCount);
}
