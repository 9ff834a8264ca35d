/**
 * What the current place holds: loaded page by page, refreshed in place.
 * @module
 */

import { files, folders, marks, search, shares, tags } from './api.js';

/**
 * @typedef {{ kind: 'folder' | 'tag', id: string } | { kind: 'trash', id?: string } | { kind: 'shared' | 'favourites' }
 *   | { kind: 'search', words: string, type: string } | { kind: 'past', id: string, asOf: string }} Place
 */
/**
 * @typedef {object} Item
 * @property {'file' | 'folder'} kind
 * @property {string} id
 * @property {string} name
 * @property {number} [size] bytes
 * @property {string} [contentType]
 * @property {string} [status]
 * @property {string} [createdAt] in the trash, when it was thrown away
 * @property {string | null} [thumbnail] where its small picture is
 * @property {number} [version]
 * @property {string} [role] what the person may do with a file that is shared with them
 * @property {string} [shareId] the share that lets them
 * @property {string} [sharedBy] whose file it is
 * @property {{ start: number, length: number }[]} [nameMarks] what of the name was looked for
 * @property {{ text: string, marks: { start: number, length: number }[] }} [snippet] what of its text was
 * @property {string} [scan] the virus scanner's verdict
 * @property {{ done: number, total: number, percent: number }} [progress] of its processing, where it was told
 * @property {boolean} [favourite]
 * @property {{ id: string, name: string }[]} [tags]
 */

const pageSize = 60;
const most = 1000;
const kept = 'eventfiles.sort';
const sorts = ['name', 'createdAt', 'modifiedAt', 'size', 'type'].flatMap(sort => [sort, `-${sort}`]);
const unmarked = { favourite: false, tags: [] };
const thumbnails = ['thumbnail', 'pdf_thumbnail', 'video_poster', 'audio_waveform'];

/** @param {Item} item */
export const keyOf = item => `${item.kind}:${item.id}`;

/** @param {Item} item whether the server still works on it */
export const isBusy = item => item.status === 'processing' || item.status === 'uploading';

/** Fires `changed` whenever what it shows may differ, `opened` after another place's first page. */
class Listing extends EventTarget {
  /** @type {Place} */ place = { kind: 'folder', id: 'root' };
  /** @type {Item[]} */ items = [];
  /** @type {{ id: string, name: string }[]} from the root to this folder */ path = [];
  /** @type {string} */ folderId = 'root';
  /** @type {'loading' | 'ready' | 'failed'} */ state = 'loading';
  /** @type {Error | null} */ error = null;
  /** @type {string | null} */ cursor = null;
  sort = sorts.includes(localStorage.getItem(kept)) ? localStorage.getItem(kept) : 'name';
  #visit = 0;
  /** @type {Map<string, { favourite: boolean, tags: { id: string, name: string }[] }>} by id, as last heard */ #marks = new Map();
  /** @type {Map<string, Item['progress']>} by id, of what is being processed */ #progress = new Map();
  /** @type {Promise<void> | null} */ #refreshing = null;
  #stale = false;

  /** @param {Place} place */
  async open(place) {
    const visit = ++this.#visit;
    Object.assign(this, { place, items: [], path: [], cursor: null, state: 'loading', error: null });
    this.#tell('changed');
    try {
      const [folder, page] = await Promise.all([
        place.kind === 'folder' || place.kind === 'past' ? folders.read(place.id, place.asOf) : null,
        this.#page({ limit: pageSize }),
      ]);
      if (visit !== this.#visit) return;
      this.path = folder ? [...folder.path, { id: folder.id, name: folder.name }] : [];
      this.folderId = folder?.id ?? 'root';
      this.#take(page, []);
    } catch (error) {
      if (visit !== this.#visit) return;
      Object.assign(this, { state: 'failed', error });
    }
    this.#tell('changed');
    this.#tell('opened');
    this.#catchUp();
  }

  /** Whether the folder is another's: only the root of one's own has no name. */
  get isOthers() {
    return this.place.kind === 'folder' && this.path.length > 0 && this.path[0].name !== '';
  }

  /** The next page, when there is one. */
  async more() {
    if (!this.cursor || this.state !== 'ready') return;
    const visit = this.#visit;
    this.state = 'loading';
    this.#tell('changed');
    try {
      const page = await this.#page({ limit: pageSize, cursor: this.cursor });
      if (visit === this.#visit) this.#take(page, this.items);
    } catch (error) {
      if (visit === this.#visit) Object.assign(this, { state: 'ready', error });
    }
    this.#tell('changed');
    this.#catchUp();
  }

  /** Asks again for what is shown, keeping place, selection and scroll. */
  refresh() {
    // What changes while an answer is on its way may be missing in it: whoever asks meanwhile gets one more round.
    this.#stale = true;
    return this.#refreshing ??= this.#refreshUntilFresh();
  }

  async #refreshUntilFresh() {
    try {
      // The assignment in refresh comes first, even when there is nothing to do.
      await null;
      await this.#refreshWhileStale();
    } finally {
      this.#refreshing = null;
    }
  }

  async #refreshWhileStale() {
    while (this.#stale && this.state !== 'loading') {
      this.#stale = false;
      const visit = this.#visit;
      const page = await this.#page({ limit: Math.min(most, Math.max(pageSize, this.items.length)) });
      if (visit !== this.#visit) continue;
      if (this.state === 'loading') {
        this.#stale = true;
        continue;
      }
      this.#take(page, []);
      this.#tell('changed');
    }
  }

  /** Whoever asked while a page was on its way is served now; a failure shows at the next occasion. */
  #catchUp() {
    if (this.#stale) this.refresh().catch(() => {});
  }

  /**
   * What the server tells of a file.
   * @param {{ file: any, status: { status: string, progress: Item['progress'] } }} change
   * @returns {boolean} whether what is shown must be read anew
   */
  hear({ file, status }) {
    if (status.status === 'processing') this.#progress.set(file.id, status.progress);
    else this.#progress.delete(file.id);
    if (this.place.kind === 'past') return false;
    // An answer that is on its way may be older.
    if (this.#refreshing) this.#stale = true;
    const item = this.find(`file:${file.id}`);
    if (!item) return this.place.kind === 'folder' && file.folderId === this.folderId && file.status !== 'trashed';
    if (this.place.kind === 'trash' || file.status === 'trashed') return true;
    if (item.name !== file.name || (this.place.kind === 'folder' && file.folderId !== this.folderId)) return true;
    const { size, contentType, scan, version, modifiedAt } = file;
    const now = { ...item, size, contentType, scan, version, modifiedAt, status: status.status, progress: this.#progress.get(file.id),
      thumbnail: thumbnailOf(file) };
    this.items = this.items.map(one => one === item ? now : one);
    this.#tell('changed');
    return false;
  }

  /** @param {string} sort a field, with `-` before it for the other way round */
  resort(sort) {
    this.sort = sort;
    localStorage.setItem(kept, sort);
    return this.open(this.place);
  }

  /** @param {string} key @returns {Item | undefined} */
  find(key) {
    return this.items.find(item => keyOf(item) === key);
  }

  #page(page) {
    if (this.place.kind === 'search') return search(this.place.words, this.place.type, { ...page, limit: Math.min(page.limit, 100) });
    if (this.place.kind === 'trash') return files.trashed(page, this.place.id);
    if (this.place.kind === 'shared') return shares.withMe(page);
    if (this.place.kind === 'favourites') return marks.favourites(page);
    if (this.place.kind === 'tag') return tags.entries(this.place.id, page);
    return folders.children(this.place.id, { ...page, sort: this.sort, asOf: this.place.asOf });
  }

  #take(page, before) {
    const known = new Set(before.map(keyOf));
    const fresh = page.items.map(asItem).filter(item => !known.has(keyOf(item)))
      .map(item => ({ ...item, ...unmarked, ...this.#marks.get(item.id), progress: isBusy(item) ? this.#progress.get(item.id) : undefined }));
    Object.assign(this, { items: [...before, ...fresh], cursor: page.nextCursor, state: 'ready', error: null });
    if (this.place.kind !== 'trash' && this.place.kind !== 'past') this.#askMarks(fresh.map(({ id }) => id));
  }

  /** The list shows at once; what is marked in it shows as soon as it is known. */
  async #askMarks(ids) {
    if (!ids.length) return;
    const { items } = await marks.of(ids).catch(() => ({ items: null }));
    if (!items) return;
    for (const id of ids) this.#marks.delete(id);
    for (const { id, favourite, tags: worn } of items) this.#marks.set(id, { favourite, tags: worn });
    const asked = new Set(ids);
    const before = JSON.stringify(this.items);
    this.items = this.items.map(item => asked.has(item.id) ? { ...item, ...unmarked, ...this.#marks.get(item.id) } : item);
    if (JSON.stringify(this.items) !== before) this.#tell('changed');
  }

  #tell(what) {
    this.dispatchEvent(new Event(what));
  }
}

/**
 * Files come alone, in folders, in the trash and inside shares: one shape for all.
 * @param {any} entry
 * @returns {Item}
 */
function asItem(entry) {
  const { share, owner, nameMarks, text, isShared } = entry;
  const file = entry.file ?? (entry.folder ? { ...entry.folder, kind: 'folder', createdAt: share.createdAt } : entry);
  return {
    ...file,
    kind: file.kind ?? 'file',
    createdAt: file.trashedAt ?? file.markedAt ?? file.createdAt,
    contentType: file.contentType ?? typeByName(file.name),
    thumbnail: thumbnailOf(file),
    role: share?.role,
    shareId: share?.id,
    sharedBy: share ? owner?.displayName ?? owner?.email ?? 'somebody' : isShared ? 'somebody' : undefined,
    nameMarks,
    snippet: text ?? undefined,
  };
}

/** @param {any} file */
function thumbnailOf({ id, version, thumbnail, variants }) {
  const name = thumbnail ?? variants?.find(variant => thumbnails.includes(variant.name))?.name;
  return name ? files.variant(id, name, version) : null;
}

/**
 * The trash does not tell types; for an icon the name will do.
 * @param {string} name
 */
function typeByName(name) {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  if (['jpg', 'jpeg', 'png', 'gif', 'webp', 'avif', 'svg'].includes(extension)) return 'image/*';
  if (['mp4', 'mov', 'webm', 'mkv'].includes(extension)) return 'video/*';
  if (['mp3', 'wav', 'flac', 'ogg', 'm4a'].includes(extension)) return 'audio/*';
  if (['zip', 'gz', 'tar', '7z'].includes(extension)) return 'application/zip';
  return extension === 'pdf' ? 'application/pdf' : undefined;
}

export const listing = new Listing();
