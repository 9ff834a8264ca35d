/**
 * Shares a file or a folder: with people by e-mail, with groups, and by link: a file with anybody, a folder with whoever
 * is asked for files.
 * @module
 */

import { complain, whisper } from './announce.js';
import { groups, links, shares } from './api.js';
import { avatarOf } from './avatars.js';
import { openDialog, submitForm } from './dialogs.js';
import { button, field, h, iconButton, qrPicture } from './dom.js';
import { bytes, count, exactly, when } from './format.js';
import { openGroups } from './groups-dialog.js';
import { icon } from './icons.js';
import { peoplePicker } from './people-picker.js';

/** @param {{ id: string, name: string, kind?: string }} item a file or a folder */
export function openShare(item) {
  return openDialog(`Share “${item.name}”`,
    () => [people(item), item.kind === 'folder' ? inboxes(item) : publicLinks(item)], { class: 'share' });
}

/** What each role is called; the first is of folders only. */
const roles = { uploader: 'Can only upload', viewer: 'Can view', commenter: 'Can comment', editor: 'Can edit' };

/** @param {{ id: string, kind?: string }} item */
function people(item) {
  const folder = item.kind === 'folder';
  const list = h('ul', { class: 'share-list' });
  let mine = [];
  const who = peoplePicker(() => mine, 'name@example.org or a group');
  const role = h('select', {}, Object.entries(roles).filter(([word]) => folder || word !== 'uploader')
    .map(([word, words]) => h('option', { value: word, selected: word === 'viewer' }, words)));
  const mayShare = h('input', { type: 'checkbox' });
  const draw = () => fill(list, () => shares.of(item), `Only you can open this ${folder ? 'folder' : 'file'}.`, share => [
    avatarOf({ ...share.grantee, name: nameOf(share.grantee) }),
    h('span', { class: 'share-who' }, h('strong', {}, nameOf(share.grantee)),
      h('span', { class: 'quiet' }, share.grantee.isGroup ? 'Group' : share.grantee.displayName ? share.grantee.email ?? '' : '')),
    h('span', { class: 'quiet' }, roles[share.role] + (share.mayShare ? ' and share' : '')),
    iconButton('close', `Stop sharing with ${share.grantee.email ?? share.grantee.displayName ?? 'this account'}`,
      () => revoke(() => shares.revoke(share.id), draw)),
  ]);
  const offer = async () => { mine = (await groups.mine().catch(() => ({ items: [] }))).items; };
  draw();
  offer();
  const form = submitForm(
    [h('div', { class: 'form-row' }, field('Name, e-mail or group', who.input), field('Role', role), h('button', { class: 'button primary' }, 'Share')),
      who.list,
      h('label', { class: 'check' }, mayShare, ' Editors may share it with others')], [],
    async () => {
      const typed = who.input.value.trim();
      await shares.add(item, { grantee: who.grantee(), role: role.value, mayShare: role.value === 'editor' && mayShare.checked });
      whisper(`Shared with ${typed}`);
      who.input.value = '';
      await draw();
    });
  return h('section', {}, h('h3', {}, icon('people'), 'People and groups'), form, list,
    button('Groups…', async () => { await openGroups(); await offer(); }));
}

/**
 * Of who was named by an address nothing else is told, whether or not they have an account.
 * @param {{ displayName?: string, email?: string, isGroup: boolean }} party
 */
const nameOf = ({ displayName, email, isGroup }) => displayName ?? email ?? (isGroup ? 'A former group' : 'A closed account');

/** @param {{ id: string }} item */
function publicLinks(item) {
  const list = h('ul', { class: 'share-list' });
  const fresh = h('div', {});
  const password = h('input', { type: 'text', maxLength: 128, autocomplete: 'off', spellcheck: false });
  const until = h('input', { type: 'datetime-local', min: local(new Date()) });
  const most = h('input', { type: 'number', min: '1', max: '1000000', step: '1', inputMode: 'numeric' });
  const draw = () => fill(list, () => links.of(item), 'No link leads to this file.', link => [
    h('span', { class: 'avatar', 'aria-hidden': 'true' }, icon(link.hasPassword ? 'lock' : 'link')),
    h('span', { class: 'share-who' }, h('strong', {}, `Link of ${when(link.createdAt)}`), h('span', { class: 'quiet' }, terms(link))),
    iconButton('close', `Revoke the link of ${exactly(link.createdAt)}`, () => revoke(() => links.revoke(link.id), draw)),
  ]);
  draw();
  const form = submitForm([
    h('details', {}, h('summary', {}, 'Password, expiry and limit'),
      h('div', { class: 'form-grid' },
        field('Password (optional)', password), field('Ends on (optional)', until), field('Downloads (optional)', most))),
  ], [h('button', { class: 'button' }, icon('link'), h('span', {}, 'Create link'))], async () => {
    const made = await links.add(item, {
      password: password.value || undefined,
      expiresAt: until.value ? new Date(until.value).toISOString() : undefined,
      maxDownloads: most.value ? Number(most.value) : undefined,
      qrCode: true,
    });
    form.reset();
    fresh.replaceChildren(copyBox(new URL(`/l/${encodeURIComponent(made.token)}`, location.href).href, made.qrCode));
    await draw();
  });
  return h('section', {}, h('h3', {}, icon('link'), 'Links'),
    h('p', { class: 'hint' }, 'Whoever has a link can open the file, without an account.'), form, fresh, list);
}

/** @param {{ id: string, name: string }} folder */
function inboxes(folder) {
  const list = h('ul', { class: 'share-list' });
  const fresh = h('div', {});
  const title = h('input', { type: 'text', maxLength: 200, autocomplete: 'off', defaultValue: folder.name });
  const password = h('input', { type: 'text', maxLength: 128, autocomplete: 'off', spellcheck: false });
  const until = h('input', { type: 'datetime-local', min: local(new Date()) });
  const most = h('input', { type: 'number', min: '1', max: '1000000', step: '1', inputMode: 'numeric' });
  const largest = h('input', { type: 'number', min: '1', max: '1000000', step: '1', inputMode: 'numeric' });
  const draw = () => fill(list, () => links.of(folder), 'Nobody is asked for files.', link => [
    h('span', { class: 'avatar', 'aria-hidden': 'true' }, icon(link.hasPassword ? 'lock' : 'upload')),
    h('span', { class: 'share-who' }, h('strong', {}, link.title), h('span', { class: 'quiet' }, terms(link))),
    iconButton('close', `Stop asking for “${link.title}”`, () => revoke(() => links.revoke(link.id), draw)),
  ]);
  draw();
  const form = submitForm([
    field('What you ask for', title, 'All that others see of this folder.'),
    h('details', {}, h('summary', {}, 'Password, expiry and limits'),
      h('div', { class: 'form-grid' },
        field('Password (optional)', password), field('Ends on (optional)', until),
        field('Files (optional)', most), field('Megabytes each (optional)', largest))),
  ], [h('button', { class: 'button' }, icon('upload'), h('span', {}, 'Ask for files'))], async () => {
    const made = await links.add(folder, {
      access: 'upload',
      title: title.value.trim() || undefined,
      password: password.value || undefined,
      expiresAt: until.value ? new Date(until.value).toISOString() : undefined,
      maxUploads: most.value ? Number(most.value) : undefined,
      maxFileBytes: largest.value ? Number(largest.value) * 1_000_000 : undefined,
      qrCode: true,
    });
    form.reset();
    fresh.replaceChildren(copyBox(new URL(`/l/${encodeURIComponent(made.token)}`, location.href).href, made.qrCode));
    await draw();
  });
  return h('section', {}, h('h3', {}, icon('upload'), 'Ask for files'),
    h('p', { class: 'hint' }, 'Whoever has such a link can put files here, without an account, and sees nothing that is here.'),
    form, fresh, list);
}

/** @param {any} link */
function terms({ access, hasPassword, expiresAt, maxDownloads, downloads, maxUploads, uploads, maxFileBytes }) {
  return [
    hasPassword && 'password',
    access === 'upload'
      ? maxUploads ? `${uploads} of ${count(maxUploads, 'file')}` : `${count(uploads, 'file')} came`
      : maxDownloads ? `${downloads} of ${maxDownloads} downloads` : `downloaded ${downloads} ×`,
    maxFileBytes && `up to ${bytes(maxFileBytes)} each`,
    expiresAt ? `until ${exactly(expiresAt)}` : 'no end',
  ].filter(Boolean).join(' · ');
}

/**
 * @param {string} url the page for people, shown this once: the server keeps only its digest
 * @param {string} qrCode the same as SVG
 */
function copyBox(url, qrCode) {
  const input = h('input', { type: 'text', readOnly: true, value: url, class: 'link-url', onfocus: () => input.select() });
  const copy = button('Copy', async () => {
    try {
      await navigator.clipboard.writeText(url);
    } catch {
      input.select();
      document.execCommand('copy');
    }
    copy.lastElementChild.textContent = 'Copied';
    whisper('The link is copied');
  }, { icon: 'copy', class: 'button primary' });
  queueMicrotask(() => copy.focus());
  return h('div', { class: 'copy-box' }, field('Your new link', input, 'Copy it now: it is not shown again.'), copy,
    qrPicture(qrCode, 'The link as a QR code'));
}

/** @param {Date} date in the form that a local date field wants */
const local = date => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/**
 * @param {HTMLElement} list
 * @param {() => Promise<{ items: any[] }>} read
 * @param {string} empty
 * @param {(entry: any) => (Node | null)[]} entry
 */
async function fill(list, read, empty, entry) {
  try {
    const { items } = await read();
    list.replaceChildren(...items.length ? items.map(one => h('li', {}, ...entry(one))) : [h('li', { class: 'quiet' }, empty)]);
  } catch (error) {
    list.replaceChildren(h('li', { class: 'form-error', role: 'alert' }, error.message));
  }
}

/**
 * @param {() => Promise<unknown>} act
 * @param {() => Promise<void>} draw
 */
async function revoke(act, draw) {
  try {
    await act();
    whisper('Revoked');
  } catch (error) {
    complain(error);
  }
  await draw();
}
