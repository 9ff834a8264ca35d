/**
 * What was dropped or chosen, with the folders that hold it made on the server first.
 * @module
 */

import { Problem, folders } from './api.js';

/**
 * Must be called while the drop event is handled: afterwards the browser forgets what was dropped.
 * @param {DataTransfer} transfer
 * @param {string} folderId
 * @returns {Promise<{ file: File, folderId: string }[]>}
 */
export async function dropped(transfer, folderId) {
  const entries = [...transfer.items].map(item => item.kind === 'file' && item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some(entry => entry.isDirectory)) return [...transfer.files].map(file => ({ file, folderId }));
  const wanted = [];
  for (const entry of entries) await collect(entry, folderId, wanted);
  return wanted;
}

/**
 * @param {any} entry
 * @param {string} folderId
 * @param {{ file: File, folderId: string }[]} wanted
 */
async function collect(entry, folderId, wanted) {
  if (entry.isFile) {
    wanted.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), folderId });
    return;
  }
  const inside = await folderNamed(entry.name, folderId);
  const reader = entry.createReader();
  // A reader gives its entries in batches, and an empty batch at the end.
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return;
    for (const child of batch) await collect(child, inside, wanted);
  }
}

/**
 * @param {string} name
 * @param {string} parentId
 * @returns {Promise<string>} the folder of that name, made now when there is none
 */
async function folderNamed(name, parentId) {
  try {
    return (await folders.create(name, parentId === 'root' ? undefined : parentId)).id;
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 409) throw error;
    let cursor = null;
    do {
      const page = await folders.children(parentId, { limit: 1000, cursor });
      const there = page.items.find(item => item.kind === 'folder' && item.name === name);
      if (there) return there.id;
      cursor = page.nextCursor;
    } while (cursor);
    throw error;
  }
}
