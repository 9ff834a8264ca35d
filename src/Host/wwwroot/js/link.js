/**
 * What a public link leads to, for somebody without an account.
 * @module
 */

import { Problem, links } from './api.js';
import { submitForm } from './dialogs.js';
import { byId, field, h } from './dom.js';
import { bytes, exactly } from './format.js';
import { icon, iconOf } from './icons.js';
import './theme.js';

for (const spot of document.querySelectorAll('[data-icon]')) spot.prepend(icon(spot.dataset.icon));

const card = byId('link');
const token = decodeURIComponent(location.pathname.split('/')[2] ?? '');

/** @param {string} [password] */
async function open(password) {
  const target = await links.open(token, password);
  document.title = `${target.name} · EventFiles`;
  const look = iconOf(target);
  const frame = h('div', { class: `item-picture tint-${look.tint}` }, icon(look.name));
  card.replaceChildren(frame, h('h1', { tabIndex: -1 }, target.name),
    h('p', { class: 'quiet' }, [bytes(target.size), target.expiresAt && `until ${exactly(target.expiresAt)}`,
      target.downloadsLeft !== null && `${target.downloadsLeft} downloads left`].filter(Boolean).join(' · ')),
    download(target, password));
  card.querySelector('h1').focus();
  if (target.thumbnail) showThumbnail(frame, password);
}

/**
 * @param {HTMLElement} frame
 * @param {string} [password]
 */
async function showThumbnail(frame, password) {
  const picture = await links.bytes(token, 'thumbnail', password).catch(() => null);
  if (!picture) return;
  const src = URL.createObjectURL(picture);
  frame.append(h('img', { src, alt: '', onload: () => { frame.classList.add('has-picture'); URL.revokeObjectURL(src); } }));
}

/**
 * Without a password the browser saves by itself; a password has to travel in a header, so the page saves then.
 * @param {any} target
 * @param {string} [password]
 */
function download(target, password) {
  if (!target.hasPassword) {
    return h('a', { class: 'button primary', href: links.address(token, 'content'), download: target.name },
      icon('download'), h('span', {}, 'Download'));
  }
  return submitForm([], [h('button', { class: 'button primary' }, icon('download'), h('span', {}, 'Download'))], async () => {
    const href = URL.createObjectURL(await links.bytes(token, 'content', password));
    h('a', { href, download: target.name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  });
}

function askPassword() {
  const password = h('input', { type: 'password', required: true, maxLength: 128, autocomplete: 'off' });
  card.replaceChildren(h('div', { class: 'item-picture tint-text' }, icon('lock')), h('h1', {}, 'This link has a password'),
    submitForm([field('Password', password)], [h('button', { class: 'button primary wide' }, 'Open')], () => open(password.value)));
  password.focus();
}

open().catch(problem => {
  if (problem instanceof Problem && problem.status === 401) return askPassword();
  card.replaceChildren(h('div', { class: 'item-picture tint-text' }, icon('link')), h('h1', {}, 'This link leads nowhere'),
    h('p', { role: 'alert' }, problem.status === 404
      ? 'It was mistyped, taken back, or the file is gone. Ask whoever sent it for a new one.' : problem.message));
});
