/**
 * The list of transfers: progress, and what can be done about each.
 * @module
 */

import { complain, tell, whisper } from './announce.js';
import { button, byId, h, iconButton } from './dom.js';
import { bytes, count, duration } from './format.js';
import { icon } from './icons.js';
import { uploads } from './uploads.js';

/** @typedef {import('./uploads.js').Transfer} Transfer */

const panel = byId('uploads');
const list = byId('uploads-list');
const heading = byId('uploads-heading');
/** @type {Map<Transfer, ReturnType<typeof row>>} */
const rows = new Map();

export function startUploadPanel() {
  byId('uploads-clear').addEventListener('click', () => uploads.dismissDone());
  const fold = byId('uploads-fold');
  fold.addEventListener('click', () => {
    const folded = panel.classList.toggle('folded');
    fold.setAttribute('aria-expanded', String(!folded));
  });
  uploads.addEventListener('listed', draw);
  uploads.addEventListener('changed', event => {
    rows.get(event.detail)?.draw();
    drawHeading();
  });
  uploads.addEventListener('done', event => whisper(`${event.detail.name} is uploaded`));
  uploads.addEventListener('failed', event => complain(event.detail.error, `“${event.detail.name}” is not uploaded`));
}

function draw() {
  for (const [transfer, { element }] of rows) {
    if (uploads.transfers.includes(transfer)) continue;
    if (element.contains(document.activeElement)) heading.focus();
    element.remove();
    rows.delete(transfer);
  }
  for (const transfer of uploads.transfers) {
    if (rows.has(transfer)) continue;
    const made = row(transfer);
    rows.set(transfer, made);
    list.append(made.element);
  }
  for (const { draw: again } of rows.values()) again();
  panel.hidden = !uploads.transfers.length;
  byId('uploads-explained').hidden = !uploads.transfers.some(({ state }) => state === 'interrupted');
  drawHeading();
}

function drawHeading() {
  const on = uploads.transfers.filter(({ state }) => state === 'sending' || state === 'waiting').length;
  const failed = uploads.transfers.filter(({ state }) => state === 'failed').length;
  const waiting = uploads.transfers.filter(({ state }) => state === 'interrupted').length;
  const words = on ? `Uploading ${count(on, 'file')}`
    : failed ? `${count(failed, 'upload')} failed`
    : waiting ? `${count(waiting, 'unfinished upload')}`
    : 'Uploads';
  if (heading.textContent !== words) heading.textContent = words;
  byId('uploads-clear').hidden = !uploads.transfers.some(({ isOver }) => isOver);
}

/** @param {Transfer} transfer */
function row(transfer) {
  const bar = h('span', { class: 'bar-fill' });
  const meter = h('div', { class: 'bar', role: 'progressbar', 'aria-label': `Upload of ${transfer.name}`,
    'aria-valuemin': '0', 'aria-valuemax': '100' }, bar);
  const words = h('p', { class: 'upload-words' });
  const controls = h('div', { class: 'upload-controls' });
  const mark = h('span', { class: 'upload-mark' });
  const element = h('li', { class: 'upload' }, mark,
    h('div', { class: 'upload-body' }, h('p', { class: 'upload-name', title: transfer.name }, transfer.name), meter, words), controls);
  let state = '';
  const draw = () => {
    const share = transfer.size ? transfer.sent / transfer.size : transfer.isOver ? 1 : 0;
    bar.style.width = `${share * 100}%`;
    meter.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
    words.textContent = wordsOf(transfer);
    if (state === transfer.state) return;
    state = transfer.state;
    element.dataset.state = state;
    meter.hidden = state === 'done' || state === 'failed';
    mark.replaceChildren(icon({ done: 'check', failed: 'warning', interrupted: 'retry', paused: 'pause' }[state] ?? 'upload'));
    const hadFocus = controls.contains(document.activeElement);
    controls.replaceChildren(...controlsOf(transfer));
    if (hadFocus) /** @type {HTMLElement} */ (controls.firstElementChild ?? heading).focus();
  };
  draw();
  return { element, draw };
}

/** @param {Transfer} transfer */
function wordsOf({ state, sent, size, speed, remaining, error, isStalled }) {
  const soFar = `${bytes(sent)} of ${bytes(size)}`;
  if (state === 'done') return `${bytes(size)} · uploaded`;
  if (state === 'failed') return error;
  if (state === 'waiting') return 'Waiting';
  if (state === 'paused') return `Paused · ${soFar}`;
  if (state === 'interrupted') return `Interrupted · ${soFar} kept`;
  if (isStalled) return `${soFar} · waiting for the server`;
  return [soFar, speed && `${bytes(speed)}/s`, duration(remaining) && `${duration(remaining)} left`].filter(Boolean).join(' · ');
}

/** @param {Transfer} transfer */
function controlsOf(transfer) {
  const { name, state } = transfer;
  const cancel = iconButton('close', `Cancel upload of ${name}`, () => uploads.cancel(transfer));
  if (state === 'done') return [iconButton('close', `Remove ${name} from this list`, () => uploads.dismiss(transfer))];
  if (state === 'failed') return [iconButton('retry', `Try again to upload ${name}`, () => uploads.resume(transfer)), cancel];
  if (state === 'paused') return [iconButton('play', `Resume upload of ${name}`, () => uploads.resume(transfer)), cancel];
  if (state === 'interrupted') return [pickAgain(transfer), cancel];
  return [iconButton('pause', `Pause upload of ${name}`, () => uploads.pause(transfer)), cancel];
}

/** @param {Transfer} transfer */
function pickAgain(transfer) {
  const picker = h('input', { type: 'file', hidden: true, tabIndex: -1, 'aria-hidden': 'true', onchange: () => {
    const [file] = picker.files;
    if (file && !uploads.continueWith(transfer, file)) {
      complain(`choose the same, unchanged file of ${bytes(transfer.size)}`, `This is not “${transfer.name}”`);
    } else if (file) {
      tell(`“${transfer.name}” goes on where it was`);
    }
    picker.value = '';
  } });
  return h('span', {}, picker,
    button('Choose again', () => picker.click(), { class: 'button small-button', 'aria-label': `Choose again: ${transfer.name}` }));
}
