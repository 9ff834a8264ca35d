/**
 * Chooses a folder from the tree, which is read as far as it is opened.
 * @module
 */

import { folders } from './api.js';
import { openDialog } from './dialogs.js';
import { button, h } from './dom.js';
import { icon } from './icons.js';
import { listing } from './listing.js';

/**
 * @param {string} title
 * @param {import('./listing.js').Item[]} moved folders among them cannot go into themselves
 * @param {{ yes?: string, mayStay?: boolean }} [options] mayStay: the folder that is shown may be chosen too
 * @returns {Promise<{ id: string, name: string } | null>}
 */
export async function chooseFolder(title, moved, { yes = 'Move here', mayStay = false } = {}) {
  const closed = new Set(moved.filter(({ kind }) => kind === 'folder').map(({ id }) => id));
  /** @type {{ id: string, name: string } | null} */
  let chosen = null;
  const answer = await openDialog(title, dialog => {
    const go = h('button', { type: 'button', class: 'button primary', disabled: true, onclick: () => dialog.close('yes') }, yes);
    const choose = (/** @type {{ id: string, name: string }} */ folder) => {
      chosen = folder;
      go.disabled = !mayStay && folder.id === listing.folderId;
    };
    const tree = h('ul', { class: 'tree' });
    root().then(
      folder => tree.append(branch(folder, closed, choose, true)),
      error => tree.replaceWith(h('p', { role: 'alert', class: 'form-error' }, error.message)));
    return [h('fieldset', { class: 'tree-box' }, h('legend', { class: 'visually-hidden' }, 'Folder'), tree),
      h('footer', {}, button('Cancel', () => dialog.close('')), go)];
  }, { class: 'small' });
  return answer === 'yes' ? chosen : null;
}

async function root() {
  const { id } = await folders.read('root');
  return { id, name: 'My files' };
}

/**
 * @param {{ id: string, name: string }} folder
 * @param {Set<string>} closed
 * @param {(folder: { id: string, name: string }) => void} choose
 * @param {boolean} [open]
 */
function branch(folder, closed, choose, open = false) {
  const children = h('ul', { class: 'tree', hidden: true });
  let read = false;
  const toggle = h('button', { type: 'button', class: 'icon-button tree-toggle', 'aria-expanded': 'false',
    'aria-label': `Folders in ${folder.name}` }, icon('chevron'));
  const unfold = async () => {
    const unfolded = toggle.getAttribute('aria-expanded') === 'true';
    toggle.setAttribute('aria-expanded', String(!unfolded));
    children.hidden = unfolded;
    if (read) return;
    read = true;
    try {
      const inside = (await childrenOf(folder.id)).filter(({ id }) => !closed.has(id));
      children.append(...inside.map(child => branch(child, closed, choose)));
      if (!inside.length) children.append(h('li', { class: 'quiet' }, 'No folders'));
    } catch (error) {
      read = false;
      children.replaceChildren(h('li', { role: 'alert', class: 'form-error' }, error.message));
    }
  };
  toggle.addEventListener('click', unfold);
  if (open) unfold();
  const pick = h('input', { type: 'radio', name: 'folder', onchange: () => choose(folder) });
  return h('li', {}, h('div', { class: 'tree-row' }, toggle,
    h('label', { ondblclick: unfold }, pick, icon('folder'), h('span', {}, folder.name))), children);
}

/** @param {string} id */
async function childrenOf(id) {
  const found = [];
  let cursor = null;
  do {
    const page = await folders.children(id, { limit: 1000, cursor, sort: 'name' });
    found.push(...page.items.filter(({ kind }) => kind === 'folder'));
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}
