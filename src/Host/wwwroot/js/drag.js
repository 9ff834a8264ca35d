/**
 * Files dropped anywhere are uploaded; items dragged onto a folder move there.
 * @module
 */

import { complain } from './announce.js';
import { byId } from './dom.js';
import { dropped } from './dropped.js';
import { listing } from './listing.js';
import { selection } from './selection.js';
import { uploads } from './uploads.js';

const itemsType = 'application/x-eventfiles-items';
const veil = byId('drop-veil');
/** @type {import('./listing.js').Item[]} */
let dragged = [];

/** @param {(items: import('./listing.js').Item[], folder: { id: string, name: string }) => void} moveTo */
export function startDrag(moveTo) {
  document.addEventListener('dragstart', event => {
    const element = event.target.closest?.('.item');
    const item = element && listing.find(element.dataset.key);
    if (!item || listing.place.kind !== 'folder') return event.preventDefault();
    dragged = selection.with(item);
    event.dataTransfer.setData(itemsType, '');
    event.dataTransfer.effectAllowed = 'move';
  });
  document.addEventListener('dragend', () => { dragged = []; mark(null); });
  document.addEventListener('dragover', onOver);
  document.addEventListener('dragleave', event => { if (!event.relatedTarget) endOver(); });
  document.addEventListener('drop', event => onDrop(event, moveTo));
}

/** Nowhere to upload to: signed out, the trash, a dialog in front. */
const takesFiles = () => !byId('app').hidden && listing.place.kind === 'folder' && !document.querySelector('dialog[open]');

/** @param {DragEvent} event */
function onOver(event) {
  if (event.dataTransfer.types.includes('Files')) {
    event.preventDefault();
    event.dataTransfer.dropEffect = takesFiles() ? 'copy' : 'none';
    veil.hidden = !takesFiles();
    mark(targetOf(event));
  } else if (event.dataTransfer.types.includes(itemsType)) {
    const target = targetOf(event);
    mark(target);
    if (!target) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'move';
  }
}

/**
 * @param {DragEvent} event
 * @param {Parameters<typeof startDrag>[0]} moveTo
 */
async function onDrop(event, moveTo) {
  const target = targetOf(event);
  const files = event.dataTransfer.types.includes('Files');
  endOver();
  if (!files && !target) return;
  event.preventDefault();
  if (!files) return moveTo(dragged, target);
  if (!takesFiles()) return;
  try {
    uploads.add(await dropped(event.dataTransfer, target?.id ?? listing.folderId));
    await listing.refresh();
  } catch (error) {
    complain(error, 'Not everything could be read');
  }
}

/**
 * The folder under the pointer: a tile or a breadcrumb.
 * @param {DragEvent} event
 */
function targetOf(event) {
  const element = event.target.closest?.('.item.folder, [data-folder]');
  if (!element) return null;
  const item = element.dataset.key && listing.find(element.dataset.key);
  if (item && dragged.includes(item)) return null;
  return item ? { id: item.id, name: item.name, element } : { id: element.dataset.folder, name: element.textContent, element };
}

/** @param {{ element: Element } | null} target */
function mark(target) {
  for (const old of document.querySelectorAll('.drop-target')) if (old !== target?.element) old.classList.remove('drop-target');
  target?.element.classList.add('drop-target');
}

function endOver() {
  veil.hidden = true;
  mark(null);
}
