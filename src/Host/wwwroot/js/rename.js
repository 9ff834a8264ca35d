/**
 * Renames an item where it stands.
 * @module
 */

import { complain, whisper } from './announce.js';
import { files, folders } from './api.js';
import { h } from './dom.js';
import { keyOf, listing } from './listing.js';

/** @param {import('./listing.js').Item} item */
export function rename(item) {
  if (listing.place.kind === 'past') return;
  const element = document.querySelector(`[data-key="${CSS.escape(keyOf(item))}"]`);
  const opener = element?.querySelector('[data-open]');
  if (!opener || element.querySelector('.item-rename')) return;
  const input = h('input', { type: 'text', class: 'item-rename', value: item.name, maxLength: 255, autocomplete: 'off',
    'aria-label': `New name for ${item.name}`, spellcheck: false });
  element.append(input);
  element.classList.add('renaming');
  element.draggable = false;
  input.focus();
  const dot = item.name.lastIndexOf('.');
  input.setSelectionRange(0, item.kind === 'file' && dot > 0 ? dot : item.name.length);

  let ended = false;
  const end = (/** @type {boolean} */ giveFocus) => {
    if (ended) return;
    ended = true;
    input.remove();
    element.classList.remove('renaming');
    element.draggable = true;
    if (giveFocus) opener.focus();
  };
  const save = async (/** @type {boolean} */ giveFocus) => {
    const name = input.value.trim();
    if (ended || input.readOnly) return;
    if (!name || name === item.name) return end(giveFocus);
    input.readOnly = true;
    try {
      await (item.kind === 'folder' ? folders : files).change(item.id, { name });
      end(giveFocus);
      whisper(`Renamed to ${name}`);
      await listing.refresh();
    } catch (error) {
      complain(error, `“${item.name}” keeps its name`);
      input.readOnly = false;
      input.setAttribute('aria-invalid', 'true');
      if (giveFocus) input.focus();
      else end(false);
    }
  };
  input.addEventListener('keydown', event => {
    event.stopPropagation();
    if (event.key === 'Enter') save(true);
    if (event.key === 'Escape') end(true);
  });
  input.addEventListener('blur', () => save(false));
}
