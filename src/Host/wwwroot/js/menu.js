/**
 * A menu of actions at a button or at the pointer, with the keys that menus have.
 * @module
 */

import { h } from './dom.js';
import { icon } from './icons.js';

/** @typedef {{ label: string, icon: string, act: () => void, danger?: boolean, keys?: string }} Entry */

let close = () => {};

/**
 * @param {(Entry | null | false)[]} entries
 * @param {{ button?: HTMLElement, x?: number, y?: number, label: string }} at
 */
export function openMenu(entries, { button, x, y, label }) {
  close();
  const before = button ?? document.activeElement;
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': label, popover: 'auto' },
    ...entries.filter(Boolean).map(entry => h('button', {
      type: 'button', role: 'menuitem', tabIndex: -1, class: entry.danger ? 'danger' : '',
      onclick: () => { close(); entry.act(); },
    }, icon(entry.icon), h('span', {}, entry.label), entry.keys && h('kbd', { 'aria-hidden': 'true' }, entry.keys))));
  document.body.append(menu);
  menu.showPopover();
  place(menu, button?.getBoundingClientRect() ?? new DOMRect(x, y, 0, 0));
  button?.setAttribute('aria-expanded', 'true');

  close = () => {
    close = () => {};
    button?.setAttribute('aria-expanded', 'false');
    menu.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  };
  menu.addEventListener('toggle', event => { if (/** @type {ToggleEvent} */ (event).newState === 'closed') close(); });
  menu.addEventListener('keydown', event => onKey(event, menu));
  /** @type {HTMLElement} */ (menu.firstElementChild)?.focus();
}

/**
 * @param {HTMLElement} menu
 * @param {DOMRect} anchor
 */
function place(menu, anchor) {
  const gap = 6;
  const { width, height } = menu.getBoundingClientRect();
  const left = anchor.width ? anchor.right - width : anchor.left;
  const below = anchor.bottom + gap;
  menu.style.left = `${Math.max(gap, Math.min(left, innerWidth - width - gap))}px`;
  menu.style.top = `${below + height < innerHeight ? below : Math.max(gap, anchor.top - height - gap)}px`;
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} menu
 */
function onKey(event, menu) {
  const entries = /** @type {HTMLElement[]} */ ([...menu.children]);
  const at = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === 'Tab' || event.key === 'Escape') close();
  else if (to === undefined) return;
  else entries.at(to % entries.length)?.focus();
  event.preventDefault();
  event.stopPropagation();
}
