/**
 * The versions of a file: list, add, download, restore, label, delete.
 * @module
 */

import { complain, tell } from './announce.js';
import { files } from './api.js';
import { ask, confirm } from './dialogs.js';
import { button, h, iconButton } from './dom.js';
import { bytes, exactly, when } from './format.js';
import { icon } from './icons.js';
import { listing } from './listing.js';
import { refreshQuota } from './quota.js';
import { uploads } from './uploads.js';

/** @typedef {import('./listing.js').Item} Item */

/**
 * @param {Item} item
 * @param {any[]} versions newest first
 * @param {() => Promise<unknown>} redraw shows what is now
 */
export function versionsOf(item, versions, redraw) {
  const mayEdit = listing.place.kind === 'folder' || item.role === 'editor';
  const owns = listing.place.kind === 'folder';
  return versions.length > 0 && h('section', {}, h('h3', {}, 'Versions'),
    mayEdit && button('Upload a new version…', () => newVersion(item, redraw), { icon: 'upload' }),
    h('ul', { class: 'versions' }, ...versions.map((version, at) =>
      entry(item, version, { isCurrent: at === 0, mayEdit, owns, redraw }))));
}

/**
 * Sends a file that is chosen now, as the next version of this one.
 * @param {Item} item
 * @param {() => Promise<unknown>} [redraw] shows it once it is there
 */
export function newVersion(item, redraw) {
  const shown = (/** @type {CustomEvent} */ { detail }) => {
    if (detail.into !== item.id) return;
    uploads.removeEventListener('done', shown);
    redraw?.();
  };
  const chooser = h('input', { type: 'file', onchange: () => {
    uploads.addEventListener('done', shown);
    uploads.add([{ file: chooser.files[0], folderId: listing.folderId, into: item.id }]);
  } });
  chooser.click();
}

/**
 * @param {Item} item
 * @param {any} version
 * @param {{ isCurrent: boolean, mayEdit: boolean, owns: boolean, redraw: () => Promise<unknown> }} here
 */
function entry(item, { version, size, createdAt, label, author, restoredFrom }, { isCurrent, mayEdit, owns, redraw }) {
  return h('li', {},
    h('span', {}, `Version ${version}`, isCurrent && h('span', { class: 'badge quiet' }, 'Current')),
    h('span', { class: 'quiet', title: exactly(createdAt) }, `${bytes(size)} · ${when(createdAt)}`),
    h('a', { class: 'icon-button', href: files.content(item.id, { version }), download: item.name,
      'aria-label': `Download version ${version}`, title: 'Download' }, icon('download')),
    mayEdit && iconButton('pencil', `Label version ${version}`, () => relabel(item, version, label, redraw)),
    mayEdit && !isCurrent && iconButton('restore', `Make version ${version} the current one`, () => restore(item, version, redraw)),
    owns && !isCurrent && iconButton('trash', `Delete version ${version}`, () => remove(item, version, redraw)),
    h('span', { class: 'version-about quiet' },
      label && h('strong', {}, label), [author?.displayName, restoredFrom && `restored from version ${restoredFrom}`].filter(Boolean).join(' · ')));
}

/** @param {Item} item */
async function restore(item, version, redraw) {
  try {
    await files.restoreVersion(item.id, version);
    tell(`Version ${version} is the current one again`);
    await Promise.all([redraw(), listing.refresh()]);
  } catch (error) {
    complain(error);
  }
}

/** @param {Item} item */
const relabel = (item, version, label, redraw) => ask({
  title: `Label version ${version}`, label: 'Label', value: label ?? '', yes: 'Save', optional: true, maxLength: 200,
  submit: async text => {
    await files.labelVersion(item.id, version, text);
    await redraw();
  },
});

/** @param {Item} item */
async function remove(item, version, redraw) {
  const sure = await confirm({ title: `Delete version ${version}?`, words: 'It will be gone for good. The other versions stay.',
    yes: 'Delete', danger: true });
  if (!sure) return;
  try {
    await files.removeVersion(item.id, version);
    tell(`Version ${version} is deleted`);
    await redraw();
  } catch (error) {
    complain(error);
    return;
  }
  // Its space is free a moment later, when the server has removed the bytes.
  setTimeout(refreshQuota, 1_500);
}
