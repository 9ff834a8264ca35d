/**
 * Above the listing: where one is, what can be done here, and how it is shown.
 * @module
 */

import * as actions from './actions.js';
import { button, byId, h, iconButton } from './dom.js';
import { count } from './format.js';
import { icon } from './icons.js';
import { listing } from './listing.js';
import { editTags } from './marks.js';
import { openRetention } from './retention-dialog.js';
import { addressOf } from './router.js';
import { selection } from './selection.js';

const kept = 'eventfiles.view';
const titles = { trash: 'Trash', shared: 'Shared with me', favourites: 'Favourites' };

/** @param {() => void} chooseFiles */
export function startToolbar(chooseFiles) {
  byId('upload').addEventListener('click', chooseFiles);
  byId('new-folder').addEventListener('click', () => actions.newFolder());
  byId('retention').addEventListener('click', () => openRetention({ id: listing.folderId, name: title() }));
  byId('empty-trash').addEventListener('click', () => actions.emptyTrash());
  startSort();
  startViews();
  listing.addEventListener('changed', draw);
  listing.addEventListener('opened', () => {
    document.title = `${title()} · EventFiles`;
    if (document.activeElement === document.body) byId('main').focus({ preventScroll: true });
  });
  selection.addEventListener('changed', drawSelection);
}

/** A tag is called as it is beside the places. */
const tagName = () => document.querySelector(`#tags [data-tag="${CSS.escape(listing.place.id)}"]`)?.textContent ?? 'Tag';

const title = () => listing.place.kind === 'search' ? `Found: ${listing.place.words || 'everything'}` : listing.place.kind === 'tag' ? tagName() : listing.place.kind === 'trash' && listing.place.id ? 'Trash of a space'
  : titles[listing.place.kind] ?? (listing.path.length > 1 || listing.isOthers ? listing.path.at(-1).name : 'My files');

function draw() {
  const { kind } = listing.place;
  const inFolder = kind === 'folder';
  const isSorted = inFolder || kind === 'past';
  byId('upload').hidden = byId('new-folder').hidden = !inFolder;
  byId('retention').hidden = !inFolder || listing.isOthers;
  byId('past').hidden = !isSorted || listing.isOthers;
  byId('empty-trash').hidden = kind !== 'trash' || !listing.items.length;
  byId('sort-box').hidden = byId('sort-way').hidden = !isSorted;
  for (const link of document.querySelectorAll('[data-place]')) {
    if (link.dataset.place === (listing.isOthers || listing.place.kind === 'trash' && listing.place.id ? 'shared' : kind)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  for (const column of document.querySelectorAll('#columns button')) column.disabled = !isSorted;
  byId('column-time').textContent = { trash: 'Deleted', favourites: 'Marked', tag: 'Marked', search: 'Added' }[kind] ?? 'Added';
  drawPath();
}

function drawPath() {
  const root = { id: listing.path[0]?.id ?? 'root', name: 'My files' };
  const { kind, asOf } = listing.place;
  const path = listing.isOthers ? [{ id: '', name: titles.shared }, ...listing.path]
    : kind === 'folder' || kind === 'past' ? [root, ...listing.path.slice(1)] : [{ id: '', name: title() }];
  byId('path').replaceChildren(...path.map((folder, index) => {
    const isLast = index === path.length - 1;
    const address = addressOf(kind === 'past' ? { kind, id: folder.id, asOf } : index ? { kind: 'folder', id: folder.id } : listing.isOthers ? { kind: 'shared' } : { kind: 'folder', id: 'root' });
    return h('li', {}, index > 0 && icon('chevron'), isLast
      ? h('h1', { 'aria-current': 'location' }, folder.name)
      : h('a', { href: address, 'data-folder': kind !== 'past' && folder.id || null }, folder.name));
  }));
}

function startSort() {
  const field = byId('sort');
  const way = byId('sort-way');
  const resort = (/** @type {string} */ name, /** @type {boolean} */ down) => {
    listing.resort(`${down ? '-' : ''}${name}`);
    show();
  };
  const show = () => {
    const down = listing.sort.startsWith('-');
    field.value = listing.sort.replace('-', '');
    way.classList.toggle('down', down);
    way.ariaLabel = way.title = down ? 'Descending: switch to ascending' : 'Ascending: switch to descending';
    for (const column of document.querySelectorAll('#columns button')) {
      const isOn = column.value === field.value;
      column.dataset.way = isOn ? down ? 'down' : 'up' : '';
      column.ariaLabel = `Sort by ${column.textContent.toLowerCase()}${isOn ? down ? ', now descending' : ', now ascending' : ''}`;
    }
  };
  field.addEventListener('change', () => resort(field.value, field.value !== 'name'));
  way.addEventListener('click', () => resort(field.value, !listing.sort.startsWith('-')));
  for (const column of document.querySelectorAll('#columns button')) {
    column.addEventListener('click', () => resort(column.value, column.value === field.value && !listing.sort.startsWith('-')));
  }
  show();
}

function startViews() {
  const show = (/** @type {string} */ view) => {
    byId('main').dataset.view = view;
    for (const choice of document.querySelectorAll('[data-show]')) choice.ariaPressed = String(choice.dataset.show === view);
  };
  for (const choice of document.querySelectorAll('[data-show]')) {
    choice.addEventListener('click', () => {
      localStorage.setItem(kept, choice.dataset.show);
      show(choice.dataset.show);
    });
  }
  show(localStorage.getItem(kept) === 'list' ? 'list' : 'grid');
}

function drawSelection() {
  const bar = byId('selection');
  bar.hidden = !selection.size;
  if (!selection.size) return;
  const { items } = selection;
  const { kind } = listing.place;
  const hadFocus = bar.contains(document.activeElement);
  bar.replaceChildren(
    iconButton('close', 'Clear selection', () => selection.clear()),
    h('p', { role: 'status' }, `${count(items.length, 'item')} selected`),
    ...(kind === 'past' ? [] : kind === 'trash' ? [
      button('Restore', () => actions.restore(items), { icon: 'restore' }),
      button('Delete for good', () => actions.removeForGood(items), { icon: 'trash', class: 'button danger' }),
    ] : [
      button('Download', () => actions.download(items), { icon: 'download' }),
      button('Tags', () => editTags(items), { icon: 'tag' }),
      kind !== 'shared' && button('Copy', () => actions.copy(items), { icon: 'copy' }),
      kind === 'folder' && button('Move', () => actions.move(items), { icon: 'move' }),
      kind === 'folder' && button('Trash', () => actions.remove(items), { icon: 'trash' }),
    ]).filter(Boolean));
  if (hadFocus) bar.querySelector('button').focus();
}
