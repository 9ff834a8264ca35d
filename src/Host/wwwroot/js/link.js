/**
 * What a public link leads to, for somebody without an account: a file to download, or a folder to put files into.
 * @module
 */

import { Problem, links } from './api.js';
import { submitForm } from './dialogs.js';
import { byId, field, h } from './dom.js';
import { bytes, count, exactly } from './format.js';
import { icon, iconOf } from './icons.js';
import './theme.js';

for (const spot of document.querySelectorAll('[data-icon]')) spot.prepend(icon(spot.dataset.icon));

const card = byId('link');
const token = decodeURIComponent(location.pathname.split('/')[2] ?? '');

/** @param {string} [password] */
async function open(password) {
  const target = await links.open(token, password);
  document.title = `${target.name} · EventFiles`;
  if (target.access === 'upload') return askForFiles(target, password);
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

/**
 * @param {any} target
 * @param {string} [password]
 */
function askForFiles(target, password) {
  byId('foot').textContent = 'Somebody asks you for files by link. What is there already is not shown.';
  const list = h('ul', { class: 'brought' });
  const left = h('p', { class: 'quiet' });
  let more = target.uploadsLeft;
  const tell = () => {
    form.hidden = more === 0;
    left.textContent = form.hidden ? 'All files that were asked for are here.' : [
      more !== null && `${count(more, 'more file')}`,
      target.maxFileBytes !== null && `up to ${bytes(target.maxFileBytes)} each`,
      target.expiresAt && `until ${exactly(target.expiresAt)}`,
    ].filter(Boolean).join(' · ');
    left.hidden = !left.textContent;
  };
  const picker = h('input', { type: 'file', multiple: true, required: true });
  const form = submitForm([field('Your files', picker)],
    [h('button', { class: 'button primary' }, icon('upload'), h('span', {}, 'Send'))], async () => {
      const chosen = [...picker.files];
      form.reset();
      for (const file of chosen) {
        if (await bring(list, file, password) && more !== null) more--;
        tell();
      }
    });
  tell();
  card.replaceChildren(h('div', { class: 'item-picture tint-folder' }, icon('upload')), h('h1', { tabIndex: -1 }, target.name), left, form, list);
  card.querySelector('h1').focus();
}

/**
 * Sends one file and shows how it goes.
 * @param {HTMLElement} list
 * @param {File} file
 * @param {string} [password]
 * @returns {Promise<boolean>} whether it arrived
 */
async function bring(list, file, password) {
  const bar = h('span', { class: 'bar-fill' });
  const meter = h('div', { class: 'bar', role: 'progressbar', 'aria-label': `Upload of ${file.name}`,
    'aria-valuemin': '0', 'aria-valuemax': '100' }, bar);
  const words = h('p', { class: 'quiet', role: 'status' }, 'Sending…');
  const entry = h('li', {}, h('strong', {}, file.name), meter, words);
  list.append(entry);
  try {
    await links.bring(token, file, password, share => {
      bar.style.width = `${share * 100}%`;
      meter.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
    });
    words.textContent = `${bytes(file.size)} · sent`;
    return true;
  } catch (problem) {
    words.replaceWith(h('p', { class: 'form-error', role: 'alert' }, problem.message));
    return false;
  } finally {
    meter.remove();
  }
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
      ? 'It was mistyped, taken back, or what it led to is gone. Ask whoever sent it for a new one.' : problem.message));
});
