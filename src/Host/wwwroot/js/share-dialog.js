/**
 * Shares a file: with people by e-mail, and with anybody by link.
 * @module
 */

import { complain, whisper } from './announce.js';
import { links, shares } from './api.js';
import { openDialog, submitForm } from './dialogs.js';
import { button, field, h, iconButton } from './dom.js';
import { exactly, when } from './format.js';
import { icon } from './icons.js';

/** @param {{ id: string, name: string }} item */
export function openShare(item) {
  return openDialog(`Share “${item.name}”`, () => [people(item), publicLinks(item)], { class: 'share' });
}

/** @param {{ id: string }} item */
function people(item) {
  const list = h('ul', { class: 'share-list' });
  const email = h('input', { type: 'email', required: true, maxLength: 320, autocomplete: 'off', 'data-first': '', placeholder: 'name@example.org' });
  const role = h('select', {}, h('option', { value: 'viewer' }, 'Can view'), h('option', { value: 'editor' }, 'Can edit'));
  const draw = () => fill(list, () => shares.of(item.id), 'Only you can open this file.', share => [
    h('span', { class: 'avatar', 'aria-hidden': 'true' }, initial(share.grantee)),
    h('span', { class: 'share-who' }, h('strong', {}, share.grantee.displayName ?? 'A closed account'),
      h('span', { class: 'quiet' }, share.grantee.email ?? '')),
    h('span', { class: 'quiet' }, share.role === 'editor' ? 'Can edit' : 'Can view'),
    iconButton('close', `Stop sharing with ${share.grantee.email ?? 'this account'}`, () => revoke(() => shares.revoke(share.id), draw)),
  ]);
  draw();
  const form = submitForm(
    [h('div', { class: 'form-row' }, field('E-mail', email), field('Role', role), h('button', { class: 'button primary' }, 'Share'))], [],
    async () => {
      await shares.add(item.id, email.value.trim(), role.value);
      whisper(`Shared with ${email.value}`);
      email.value = '';
      await draw();
    });
  return h('section', {}, h('h3', {}, icon('people'), 'People'), form, list);
}

/** @param {{ displayName?: string, email?: string }} party */
const initial = ({ displayName, email }) => (displayName ?? email ?? '?').charAt(0).toUpperCase();

/** @param {{ id: string }} item */
function publicLinks(item) {
  const list = h('ul', { class: 'share-list' });
  const fresh = h('div', {});
  const password = h('input', { type: 'text', maxLength: 128, autocomplete: 'off', spellcheck: false });
  const until = h('input', { type: 'datetime-local', min: local(new Date()) });
  const most = h('input', { type: 'number', min: '1', max: '1000000', step: '1', inputMode: 'numeric' });
  const draw = () => fill(list, () => links.of(item.id), 'No link leads to this file.', link => [
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
    const made = await links.add(item.id, {
      password: password.value || undefined,
      expiresAt: until.value ? new Date(until.value).toISOString() : undefined,
      maxDownloads: most.value ? Number(most.value) : undefined,
    });
    form.reset();
    fresh.replaceChildren(copyBox(new URL(`/l/${encodeURIComponent(made.token)}`, location.href).href));
    await draw();
  });
  return h('section', {}, h('h3', {}, icon('link'), 'Links'),
    h('p', { class: 'hint' }, 'Whoever has a link can open the file, without an account.'), form, fresh, list);
}

/** @param {any} link */
function terms({ hasPassword, expiresAt, maxDownloads, downloads }) {
  return [
    hasPassword && 'password',
    maxDownloads ? `${downloads} of ${maxDownloads} downloads` : `downloaded ${downloads} ×`,
    expiresAt ? `until ${exactly(expiresAt)}` : 'no end',
  ].filter(Boolean).join(' · ');
}

/** @param {string} url the page for people, shown this once: the server keeps only its digest */
function copyBox(url) {
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
  return h('div', { class: 'copy-box' }, field('Your new link', input, 'Copy it now: it is not shown again.'), copy);
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
