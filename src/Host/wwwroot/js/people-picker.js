/**
 * A field for somebody or a group: offers whom one has to do with already as one types, and takes any address that is
 * typed in full.
 * @module
 */

import { people } from './api.js';
import { avatarOf } from './avatars.js';
import { h } from './dom.js';
import { count } from './format.js';

/** @typedef {{ grantee: string, text: string, title: string, about: string, mark: Node }} Option */

// While somebody types, nothing is asked.
const PAUSE_MS = 150;

/**
 * @param {() => { id: string, name: string }[]} groups
 * @param {string} placeholder
 */
export function peoplePicker(groups, placeholder) {
  /** @type {Option[]} */
  let options = [];
  let [active, asked, timer] = [-1, 0, 0];
  /** What was picked by the text that stands for it: two groups may have one name. */
  const picked = new Map();
  const list = h('ul', { class: 'options', role: 'listbox', id: `options-${++pickers}`, 'aria-label': 'People and groups', hidden: true });
  const status = h('p', { class: 'visually-hidden', role: 'status' });
  const input = h('input', { type: 'text', required: true, maxLength: 320, autocomplete: 'off', spellcheck: false, placeholder,
    role: 'combobox', 'data-first': '', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id,
    oninput: () => { clearTimeout(timer); timer = setTimeout(look, PAUSE_MS); },
    onkeydown: onKey, onblur: close });

  async function look() {
    const words = input.value.trim();
    const turn = ++asked;
    const found = words ? await people.find(words).catch(() => ({ items: [] })) : { items: [] };
    // Somebody has typed on, or left.
    if (turn !== asked || document.activeElement !== input) return;
    const begin = words.toLocaleLowerCase();
    show(words ? [...found.items.map(personOption),
      ...groups().filter(({ name }) => name.toLocaleLowerCase().startsWith(begin)).map(groupOption)] : []);
  }

  /** @param {Option[]} found */
  function show(found) {
    options = found;
    list.replaceChildren(...found.map((option, at) => h('li', { role: 'option', id: `${list.id}-${at}`, 'aria-selected': 'false',
      onpointerdown: event => event.preventDefault(), onclick: () => pick(at) },
    option.mark, h('span', { class: 'share-who' }, h('strong', {}, option.title), h('span', { class: 'quiet' }, option.about)))));
    list.hidden = !found.length;
    input.ariaExpanded = String(!list.hidden);
    status.textContent = found.length ? `${count(found.length, 'suggestion')}` : '';
    mark(-1);
  }

  /** @param {number} at */
  function mark(at) {
    active = at;
    [...list.children].forEach((one, place) => { one.ariaSelected = String(place === at); });
    if (at < 0) return input.removeAttribute('aria-activedescendant');
    input.setAttribute('aria-activedescendant', list.children[at].id);
    list.children[at].scrollIntoView({ block: 'nearest' });
  }

  function close() {
    clearTimeout(timer);
    asked++;
    show([]);
  }

  /** @param {number} at */
  function pick(at) {
    const { text, grantee } = options[at];
    picked.set(text, grantee);
    input.value = text;
    close();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (list.hidden) {
      if (event.key === 'ArrowDown') look();
      return;
    }
    const last = options.length - 1;
    if (event.key === 'ArrowDown') mark(active >= last ? 0 : active + 1);
    else if (event.key === 'ArrowUp') mark(active <= 0 ? last : active - 1);
    else if (event.key === 'Enter' && active >= 0) pick(active);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return {
    input,
    /** Belongs right after the field. */
    list: h('div', { class: 'picker' }, list, status),
    /** An id of whoever was picked, else what was typed. */
    grantee: () => {
      const text = input.value.trim();
      return picked.get(text) ?? groups().find(({ name }) => name === text)?.id ?? text;
    },
  };
}

let pickers = 0;

/** @param {{ id: string | null, email: string, displayName: string | null, avatar: string | null }} person */
const personOption = person => ({
  grantee: person.id ?? person.email,
  text: person.email,
  title: person.displayName ?? person.email,
  about: person.displayName ? person.email : 'You shared with this address before',
  mark: avatarOf({ id: person.id, avatar: person.avatar, name: person.displayName ?? person.email }),
});

/** @param {{ id: string, name: string }} group */
const groupOption = ({ id, name }) => ({ grantee: id, text: name, title: name, about: 'Group', mark: avatarOf({ id, name }) });
