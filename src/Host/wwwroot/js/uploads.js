/**
 * Transfers to the server by tus, or of large files in parts where the server wants that: each can pause, be cut off, and
 * go on where it was, also after a reload.
 * @module
 */

import { Problem, unsafeHeaders } from './api.js';
import { DirectUpload, isDirect, storedOf, suits } from './direct.js';

/** tus-js-client, which its own script puts there. */
const { tus } = /** @type {any} */ (globalThis);

const endpoint = '/api/uploads';
const atOnce = 3;
/** Small enough for every server's and proxy's limit on one request. */
const chunkSize = 16 * 1024 * 1024;
/** Soon at first, then for twenty minutes: a server that restarts or a line that is away needs nobody to press a button. */
const retryDelays = [500, 1_500, 4_000, ...Array(120).fill(10_000)];

/** @typedef {'waiting' | 'sending' | 'paused' | 'interrupted' | 'done' | 'failed'} TransferState */

/** One file on its way. `interrupted`: begun before a reload, and the page needs the file again. */
export class Transfer {
  sent = 0;
  /** @type {TransferState} */ state = 'waiting';
  /** @type {number} bytes per second, smoothed; 0 while unknown */ speed = 0;
  /** @type {boolean} the server did not answer, and is asked again */ isStalled = false;
  error = '';
  /** @type {string | null} */ fileId = null;
  /** @type {any} tus's own upload */ upload = null;
  /** @type {any} what the browser kept of it */ previous = null;
  /** @type {{ at: number, sent: number } | null} */ mark = null;

  /**
   * @param {string} name
   * @param {number} size bytes
   * @param {string} folderId
   * @param {File | null} file
   * @param {string} [into] the file whose next version it becomes, wherever that is
   */
  constructor(name, size, folderId, file, into) {
    Object.assign(this, { name, size, folderId, file, into });
  }

  /** Seconds to go, or infinity. */
  get remaining() {
    return this.speed > 0 ? (this.size - this.sent) / this.speed : Infinity;
  }

  get isOver() {
    return this.state === 'done';
  }
}

/** Fires `changed` (detail: the transfer), `listed` when one comes or goes, `begun` when the server knows it, `done`. */
class Uploads extends EventTarget {
  /** @type {Transfer[]} */ transfers = [];
  #account = '';

  /**
   * Finds what a former visit of this account left unfinished.
   * @param {string} account
   */
  async recall(account) {
    this.#account = account;
    for (const previous of await tus.defaultOptions.urlStorage.findAllUploads()) {
      const { metadata, size, uploadUrl, urlStorageKey } = previous;
      if (!urlStorageKey.includes(`::${this.#prefix()}`) || this.transfers.some(({ previous: p }) => p?.urlStorageKey === urlStorageKey)) continue;
      const transfer = new Transfer(metadata.filename, size, metadata.folderId ?? 'root', null, metadata.fileId);
      Object.assign(transfer, { state: 'interrupted', previous });
      const sent = await (isDirect(uploadUrl) ? storedOf(uploadUrl) : offsetOf(uploadUrl));
      if (sent === null) forget(previous);
      else this.transfers.push(Object.assign(transfer, { sent }));
    }
    this.#fire('listed');
  }

  /** Stops everything and forgets it: another person may sit down here. */
  leave() {
    for (const { upload } of this.transfers) upload?.abort();
    this.transfers = [];
    this.#fire('listed');
  }

  /**
   * Sends files to a folder. A file that was interrupted goes on where it was, in the folder where it was begun.
   * @param {{ file: File, folderId: string, into?: string }[]} wanted `into`: the file whose next version it becomes
   */
  add(wanted) {
    for (const { file, folderId, into } of wanted) {
      const interrupted = this.transfers.find(transfer =>
        transfer.state === 'interrupted' && (!into || transfer.into === into) && this.#isSame(transfer, file));
      if (interrupted) Object.assign(interrupted, { file, state: 'waiting' });
      else this.transfers.push(new Transfer(file.name, file.size, folderId, file, into));
    }
    this.#fire('listed');
    this.#startNext();
  }

  /**
   * Goes on with one that was interrupted.
   * @param {Transfer} transfer
   * @param {File} file
   * @returns {boolean} false when this is another file
   */
  continueWith(transfer, file) {
    if (!this.#isSame(transfer, file)) return false;
    this.add([{ file, folderId: transfer.folderId }]);
    return true;
  }

  /** @param {Transfer} transfer */
  pause(transfer) {
    transfer.upload?.abort();
    this.#become(transfer, 'paused');
    this.#startNext();
  }

  /** @param {Transfer} transfer */
  resume(transfer) {
    this.#become(transfer, 'waiting');
    this.#startNext();
  }

  /**
   * Ends it and frees the space that was set aside for it.
   * @param {Transfer} transfer
   */
  async cancel(transfer) {
    this.dismiss(transfer);
    const url = transfer.upload?.url ?? transfer.previous?.uploadUrl;
    await transfer.upload?.abort();
    if (transfer.previous) await forget(transfer.previous);
    if (url) await tus.Upload.terminate(url, { headers: unsafeHeaders, retryDelays: null }).catch(() => {});
    for (const left of await transfer.upload?.findPreviousUploads() ?? []) await forget(left);
    this.#fire('cancelled', transfer);
    this.#startNext();
  }

  /** @param {Transfer} transfer */
  dismiss(transfer) {
    this.transfers = this.transfers.filter(other => other !== transfer);
    this.#fire('listed');
  }

  dismissDone() {
    this.transfers = this.transfers.filter(({ isOver }) => !isOver);
    this.#fire('listed');
  }

  #prefix() {
    return `eventfiles-${this.#account}-`;
  }

  /** What tells a file again after a reload, when all that is left of it is what the browser shows of a picked file. */
  #fingerprint(file) {
    return `${this.#prefix()}${file.name}-${file.size}-${file.lastModified}`;
  }

  #isSame({ previous }, file) {
    return previous?.urlStorageKey.startsWith(`tus::${this.#fingerprint(file)}::`);
  }

  #startNext() {
    for (const transfer of this.transfers) {
      if (this.transfers.filter(({ state }) => state === 'sending').length >= atOnce) return;
      if (transfer.state === 'waiting') this.#start(transfer);
    }
  }

  /** @param {Transfer} transfer */
  async #start(transfer) {
    Object.assign(transfer, { error: '', speed: 0, mark: null, isStalled: false });
    this.#become(transfer, 'sending');
    if (!transfer.upload) {
      // What was begun in one way goes on in it.
      const inParts = transfer.previous ? isDirect(transfer.previous.uploadUrl) : await suits(transfer.size);
      if (transfer.state !== 'sending') return; // paused or gone meanwhile
      const options = this.#options(transfer);
      transfer.upload = inParts
        ? new DirectUpload(transfer.file, options, tus.defaultOptions.urlStorage) : new tus.Upload(transfer.file, options);
      if (transfer.previous) transfer.upload.resumeFromPreviousUpload(transfer.previous);
    }
    transfer.upload.start();
  }

  /** @param {Transfer} transfer */
  #options(transfer) {
    const { file, folderId, into } = transfer;
    return {
      endpoint, chunkSize, retryDelays,
      headers: unsafeHeaders,
      metadata: {
        filename: file.name,
        filetype: file.type || 'application/octet-stream',
        ...(into ? { fileId: into } : folderId === 'root' ? {} : { folderId }),
      },
      removeFingerprintOnSuccess: true,
      fingerprint: async () => this.#fingerprint(file),
      onProgress: (/** @type {number} */ sent) => this.#progress(transfer, sent),
      onUploadUrlAvailable: () => this.#fire('begun', transfer),
      onAfterResponse: (request, response) => {
        const status = response.getStatus();
        // Who cannot say now how far it is has not lost it: without an error here tus-js-client would begin another one.
        if (request.getMethod() === 'HEAD' && status >= 300 && !gone.includes(status)) throw new Problem(status);
        transfer.fileId = response.getHeader('File-Id') ?? transfer.fileId;
      },
      onFile: (/** @type {string} */ id) => { transfer.fileId = id; },
      onShouldRetry: error => this.#tryAgain(transfer, error),
      onError: error => this.#fail(transfer, error),
      onSuccess: () => {
        transfer.sent = transfer.size;
        this.#become(transfer, 'done');
        this.#fire('done', transfer);
        this.#startNext();
      },
    };
  }

  /**
   * @param {Transfer} transfer
   * @param {number} sent
   */
  #progress(transfer, sent) {
    Object.assign(transfer, { sent, isStalled: false });
    const now = performance.now();
    const mark = transfer.mark ??= { at: now, sent };
    const elapsed = (now - mark.at) / 1000;
    if (elapsed >= 0.5) {
      const speed = Math.max(0, sent - mark.sent) / elapsed;
      transfer.speed = transfer.speed ? transfer.speed * 0.7 + speed * 0.3 : speed;
      transfer.mark = { at: now, sent };
    }
    this.#fire('changed', transfer);
  }

  /**
   * @param {Transfer} transfer
   * @param {any} error
   */
  #tryAgain(transfer, error) {
    if (refused(statusOf(error))) return false;
    Object.assign(transfer, { speed: 0, mark: null, isStalled: true });
    this.#fire('changed', transfer);
    return true;
  }

  /**
   * @param {Transfer} transfer
   * @param {any} error
   */
  #fail(transfer, error) {
    if (transfer.state !== 'sending') return;
    transfer.error = (error instanceof Problem ? error : new Problem(statusOf(error), parsed(error.originalResponse?.getBody()))).message;
    this.#become(transfer, 'failed');
    this.#fire('failed', transfer);
    this.#startNext();
  }

  /**
   * @param {Transfer} transfer
   * @param {TransferState} state
   */
  #become(transfer, state) {
    transfer.state = state;
    this.#fire('changed', transfer);
  }

  /**
   * @param {string} what
   * @param {Transfer} [transfer]
   */
  #fire(what, transfer) {
    this.dispatchEvent(new CustomEvent(what, { detail: transfer }));
  }
}

/** What the server answers when it no longer has an upload. */
const gone = [403, 404, 410];

/** The status of the answer that an error came from; 0 when there was none. */
const statusOf = error => error.originalResponse?.getStatus() ?? error.causingError?.status ?? error.status ?? 0;

/** Whether the server said no, so that asking again is useless. Locked, too early and too many are not a no. */
function refused(/** @type {number} */ status) {
  return status >= 400 && status < 500 && ![408, 409, 423, 425, 429].includes(status) || status === 507;
}

/** @param {string | undefined} text */
function parsed(text) {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return {};
  }
}

/** @param {any} previous */
const forget = previous => tus.defaultOptions.urlStorage.removeUpload(previous.urlStorageKey);

/** How far an upload got; null when the server no longer has it, 0 when nobody can say now. */
async function offsetOf(/** @type {string} */ url) {
  const reply = await fetch(url, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0', ...unsafeHeaders } }).catch(() => null);
  if (reply && gone.includes(reply.status)) return null;
  return Number(reply?.headers.get('Upload-Offset') ?? 0);
}

export const uploads = new Uploads();
