/**
 * How a person marks files and folders for themselves: favourites, and tags of their own.
 * @module
 */

import { complain, tell } from './announce.js';
import { bulk, tags } from './api.js';
import { openDialog } from './dialogs.js';
import { button, byId, h } from './dom.js';
import { icon } from './icons.js';
import { listing } from './listing.js';
import { addressOf } from './router.js';

/** @typedef {import('./listing.js').Item} Item */
/** @typedef {{ id: string, name: string }} Tag */

/** The person's tags, by name. @returns {Promise<Tag[]>} */
export async function everyTag() {
  const found = [];
  let cursor = null;
  do {
    const page = await tags.list({ limit: 1000, cursor });
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}

/** Draws the tags beside the places. */
export async function drawTags() {
  const known = await everyTag().catch(() => []);
  byId('tags').replaceChildren(...known.map(tag => h('li', {},
    h('a', { href: addressOf({ kind: 'tag', id: tag.id }), 'data-tag': tag.id }, icon('tag'), h('span', {}, tag.name)))));
  byId('tags-box').hidden = !known.length;
  showCurrentTag();
}

export function startMarks() {
  listing.addEventListener('changed', showCurrentTag);
}

function showCurrentTag() {
  const { kind, id } = listing.place;
  for (const link of byId('tags').querySelectorAll('a')) {
    if (kind === 'tag' && link.dataset.tag === id) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

/** @param {Item[]} items @param {boolean} favourite */
export async function setFavourite(items, favourite) {
  try {
    const { results } = await bulk(favourite ? 'favourite' : 'unfavourite', items);
    const refused = results.find(({ problem }) => problem);
    if (refused) complain(new Error(refused.problem.detail), 'Not marked');
    else tell(favourite ? 'Added to your favourites' : 'Removed from your favourites');
  } catch (error) {
    complain(error);
  }
  await listing.refresh().catch(() => {});
}

/**
 * Puts tags on items and takes them off; new ones are made on the way.
 * @param {Item[]} items
 */
export async function editTags(items) {
  const known = await everyTag().catch(complain);
  if (!known) return;
  const title = items.length === 1 ? `Tags of “${items[0].name}”` : `Tags of ${items.length} items`;
  await openDialog(title, dialog => {
    const list = h('ul', { class: 'tag-list' }, ...known.map(tag => row(tag, items)));
    const name = h('input', { type: 'text', maxLength: 100, autocomplete: 'off', 'aria-label': 'New tag', placeholder: 'New tag', 'data-first': '' });
    const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
    const add = h('form', { class: 'tag-new', onsubmit: async (/** @type {Event} */ event) => {
      event.preventDefault();
      error.hidden = true;
      try {
        const tag = await tags.create(name.value.trim());
        list.append(row(tag, items));
        await put(tag, items, true);
        list.lastElementChild.querySelector('input').checked = true;
        name.value = '';
      } catch (problem) {
        error.textContent = problem.message;
        error.hidden = false;
      }
    } }, name, h('button', { class: 'button' }, 'Add'));
    return [list, add, error, h('footer', {}, button('Done', () => dialog.close(''), { class: 'button primary' }))];
  }, { class: 'small' });
  await Promise.allSettled([listing.refresh(), drawTags()]);
}

/** @param {Tag} tag @param {Item[]} items */
function row(tag, items) {
  const bearing = items.filter(item => item.tags?.some(({ id }) => id === tag.id)).length;
  const box = h('input', { type: 'checkbox', checked: bearing === items.length, onchange: () =>
    put(tag, items, box.checked).catch(error => {
      box.checked = !box.checked;
      complain(error);
    }) });
  box.indeterminate = bearing > 0 && bearing < items.length;
  return h('li', {}, h('label', {}, box, h('span', {}, tag.name)));
}

/** @param {Tag} tag @param {Item[]} items @param {boolean} on */
async function put(tag, items, on) {
  const { results } = await bulk(on ? 'tag' : 'untag', items, { tagId: tag.id });
  const refused = results.find(({ problem }) => problem);
  if (refused) throw new Error(refused.problem.detail);
}
