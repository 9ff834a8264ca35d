/**
 * Which items are chosen, and which one the keyboard is on.
 * @module
 */

import { keyOf, listing } from './listing.js';

/** Fires `changed`. */
class Selection extends EventTarget {
  /** @type {Set<string>} */ keys = new Set();
  /** @type {string | null} where a range begins */ #anchor = null;

  /** @returns {import('./listing.js').Item[]} */
  get items() {
    return listing.items.filter(item => this.keys.has(keyOf(item)));
  }

  get size() {
    return this.keys.size;
  }

  /** @param {string} key */
  has(key) {
    return this.keys.has(key);
  }

  /** @param {string} key */
  toggle(key) {
    if (!this.keys.delete(key)) this.keys.add(key);
    this.#anchor = key;
    this.#tell();
  }

  /** @param {string} key from the last chosen one to this one */
  extend(key) {
    const order = listing.items.map(keyOf);
    const [from, to] = [order.indexOf(this.#anchor ?? key), order.indexOf(key)].sort((a, b) => a - b);
    for (const between of order.slice(Math.max(0, from), to + 1)) this.keys.add(between);
    this.#tell();
  }

  all() {
    this.keys = new Set(listing.items.map(keyOf));
    this.#tell();
  }

  clear() {
    if (!this.keys.size) return;
    this.keys.clear();
    this.#anchor = null;
    this.#tell();
  }

  /** Forgets what is no longer listed. */
  prune() {
    const listed = new Set(listing.items.map(keyOf));
    const before = this.keys.size;
    this.keys = new Set([...this.keys].filter(key => listed.has(key)));
    if (this.keys.size !== before) this.#tell();
  }

  /**
   * What an action on this item is about: all that is chosen when it is among them, else it alone.
   * @param {import('./listing.js').Item} item
   */
  with(item) {
    return this.has(keyOf(item)) ? this.items : [item];
  }

  #tell() {
    this.dispatchEvent(new Event('changed'));
  }
}

export const selection = new Selection();
listing.addEventListener('changed', () => selection.prune());
