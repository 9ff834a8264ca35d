/**
 * Looks at a file without leaving the listing. Nothing of it can run: pictures, sound and film are what the browser
 * decodes, text is text, and all else is its thumbnail.
 * @module
 */

import { files, request } from './api.js';
import { showDetails } from './details.js';
import { openDialog } from './dialogs.js';
import { button, h, iconButton } from './dom.js';
import { bytes } from './format.js';
import { icon, iconOf } from './icons.js';
import { listing } from './listing.js';

/** @typedef {import('./listing.js').Item} Item */

const textBytes = 200_000;
const shownAsIs = ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif'];
const largeBytes = 8_000_000;

/** @param {Item} first */
export function preview(first) {
  let item = first;
  let title = (/** @type {string} */ _) => {};
  const stage = h('div', { class: 'preview-stage' });
  const download = h('a', { class: 'button' }, icon('download'), h('span', {}, 'Download'));
  const others = () => listing.items.filter(({ kind }) => kind === 'file');
  const show = (/** @type {Item} */ next) => {
    item = next;
    title(item.name);
    Object.assign(download, { href: files.content(item.id), download: item.name });
    stage.replaceChildren(h('p', { class: 'quiet', role: 'status' }, 'Loading…'));
    look(item).then(seen => { if (item === next) stage.replaceChildren(...seen); });
  };
  const step = (/** @type {number} */ by) => {
    const all = others();
    const next = all[all.findIndex(({ id }) => id === item.id) + by];
    if (next) show(next);
  };
  return openDialog(first.name, dialog => {
    title = name => { dialog.querySelector('h2').textContent = name; };
    dialog.addEventListener('keydown', event => {
      if (event.target.closest('video, audio, pre')) return;
      if (event.key === 'ArrowRight') step(1);
      if (event.key === 'ArrowLeft') step(-1);
    });
    show(item);
    return [
      h('div', { class: 'preview-body' },
        iconButton('chevron', 'Previous file', () => step(-1), { class: 'icon-button back' }), stage,
        iconButton('chevron', 'Next file', () => step(1))),
      h('footer', {}, button('Details', () => { dialog.close(''); showDetails(item); }, { icon: 'info' }), download),
    ];
  }, { class: 'preview' });
}

/**
 * @param {Item} item
 * @returns {Promise<Node[]>}
 */
async function look(item) {
  const type = item.contentType ?? '';
  const inline = files.content(item.id, { inline: true });
  try {
    if (item.status === 'infected') return nothing(item, 'A virus was found in this file. It is not shown.');
    if (type.startsWith('video/')) return [h('video', { src: inline, controls: true, 'aria-label': item.name, ...(item.thumbnail ? { poster: item.thumbnail } : {}) })];
    if (type.startsWith('audio/')) return [
      ...(item.thumbnail ? [h('img', { src: item.thumbnail, alt: '' })] : []),
      h('audio', { src: inline, controls: true, 'aria-label': item.name }),
    ];
    if (type.startsWith('image/')) return await pictureOf(item, inline);
    if (type.startsWith('text/') || type === 'application/json') return [await textOf(item)];
    if (item.thumbnail) return [picture(item, item.thumbnail)];
    return nothing(item, 'There is no preview of this kind of file.');
  } catch (error) {
    return nothing(item, error.message);
  }
}

/**
 * @param {Item} item
 * @param {string} original
 */
async function pictureOf(item, original) {
  const { variants = [], version } = await files.read(item.id);
  const widest = variants.filter(variant => variant.contentType?.startsWith('image/')).sort((a, b) => b.width - a.width)[0];
  const asIs = shownAsIs.includes(item.contentType) && (item.size ?? 0) < largeBytes;
  if (!widest && !asIs) return nothing(item, 'There is no preview of this picture yet.');
  return [picture(item, asIs && (!widest || widest.width < 1000) ? original : files.variant(item.id, widest.name, version))];
}

/**
 * @param {Item} item
 * @param {string} src
 */
const picture = (item, src) => h('img', { src, alt: item.name, onerror: event =>
  event.target.replaceWith(...nothing(item, 'This picture cannot be shown.')) });

/** @param {Item} item */
async function textOf(item) {
  const cut = (item.size ?? 0) > textBytes;
  const reply = await request('GET', files.content(item.id, { inline: true }), {
    headers: { Accept: '*/*', ...(cut ? { Range: `bytes=0-${textBytes - 1}` } : {}) } });
  const text = await reply.text();
  return h('pre', { tabIndex: 0, role: 'region', 'aria-label': `Text of ${item.name}` }, text,
    cut && h('span', { class: 'quiet' }, `\n\n… the first ${bytes(textBytes)} of ${bytes(item.size)}`));
}

/**
 * @param {Item} item
 * @param {string} why
 */
function nothing(item, why) {
  const look = iconOf(item);
  return [h('div', { class: 'preview-nothing' }, h('span', { class: `item-picture tint-${look.tint}` }, icon(look.name)), h('p', {}, why))];
}
