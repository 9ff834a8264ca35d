/**
 * A transfer in parts that go where the server says, mostly straight to its store, several at once. Driven as
 * tus-js-client's own uploads are.
 * @module
 */

import { directUploads, Problem, unsafeHeaders } from './api.js';

const atOnce = 3;
/** Of a smaller file, one request after the other brings the parts as soon. */
const worthParts = 16 * 1024 * 1024;
/** Milliseconds between looks, while the server reads what the store has. */
const looks = [250, 500, 1_000, 2_000];

/** @type {Promise<{ isAvailable: boolean }> | null} */ let terms = null;

/** Whether the server wants a file of this size in parts. @param {number} size */
export async function suits(size) {
  if (size < worthParts) return false;
  terms ??= directUploads.terms();
  return (await terms.catch(() => { terms = null; return { isAvailable: false }; })).isAvailable;
}

/** Whether an upload was begun so. @param {string | undefined} url */
export const isDirect = url => url?.includes('/api/uploads/direct/') ?? false;

/** How many bytes the store has. @param {any} seen */
const storedBytes = seen => seen.state === 'open' ? seen.stored.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) : seen.sizeBytes;

/** How far an upload got; null when the server no longer has it, 0 when nobody can say now. @param {string} url */
export async function storedOf(url) {
  try {
    return storedBytes(await directUploads.read(url));
  } catch (error) {
    return [403, 404, 410].includes(error.status) ? null : 0;
  }
}

export class DirectUpload {
  /** @type {string | null} */ url = null;
  /** @type {AbortController | null} */ #running = null;
  /** @type {string | null} */ #kept = null;

  /**
   * @param {File} file
   * @param {any} options as tus-js-client has them
   * @param {any} urlStorage where a reload finds what was begun
   */
  constructor(file, options, urlStorage) {
    Object.assign(this, { file, options, urlStorage });
  }

  /** @param {{ uploadUrl: string, urlStorageKey: string }} previous */
  resumeFromPreviousUpload(previous) {
    this.url = previous.uploadUrl;
    this.#kept = previous.urlStorageKey;
  }

  /** What the browser keeps of it. */
  async findPreviousUploads() {
    return this.#kept ? [{ urlStorageKey: this.#kept }] : [];
  }

  abort() {
    this.#running?.abort();
    this.#running = null;
  }

  async start() {
    const running = this.#running = new AbortController();
    for (let tries = 0; ; tries++) {
      try {
        const fileId = await this.#run(running.signal, () => { tries = 0; });
        await this.#forget();
        this.options.onFile(fileId);
        return this.options.onSuccess();
      } catch (error) {
        if (running.signal.aborted) return;
        const wait = this.options.retryDelays[tries];
        if (wait === undefined || !this.options.onShouldRetry(error)) {
          this.#running = null;
          return this.options.onError(error);
        }
        await pause(wait);
        if (running.signal.aborted) return;
      }
    }
  }

  /**
   * @param {AbortSignal} signal
   * @param {() => void} progressed
   * @returns {Promise<string>} the file
   */
  async #run(signal, progressed) {
    if (!this.url) await this.#begin();
    const seen = await directUploads.read(this.url);
    if (seen.state === 'open') await this.#send(seen, signal, progressed);
    for (let look = 0; ; look++) {
      const { file } = await directUploads.complete(this.url);
      if (file) return file;
      await pause(looks[Math.min(look, looks.length - 1)]);
      signal.throwIfAborted();
    }
  }

  async #begin() {
    const { filename, filetype, folderId, fileId } = this.options.metadata;
    this.url = await directUploads.begin({ name: filename, contentType: filetype, folderId, fileId, sizeBytes: this.file.size });
    this.#kept = await this.urlStorage.addUpload(await this.options.fingerprint(this.file), {
      size: this.file.size, metadata: this.options.metadata, creationTime: new Date().toString(), uploadUrl: this.url,
    });
    this.options.onUploadUrlAvailable();
  }

  /**
   * @param {any} seen what the server knows of it
   * @param {AbortSignal} signal
   * @param {() => void} progressed
   */
  async #send(seen, signal, progressed) {
    const there = new Set(seen.stored.map(({ number }) => number));
    const missing = Array.from({ length: seen.parts }, (_, index) => index + 1).filter(number => !there.has(number));
    /** @type {Map<number, number>} */ const moving = new Map();
    let sent = storedBytes(seen);
    const tell = () => this.options.onProgress(sent + [...moving.values()].reduce((sum, bytes) => sum + bytes, 0));
    tell();
    // One part that fails stops the others: how far they came, the store is asked again.
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    while (missing.length) {
      const { items } = await directUploads.addresses(this.url, missing[0]);
      const wanted = items.filter(({ number }) => missing.includes(number));
      const next = async () => {
        for (let address = wanted.shift(); address; address = wanted.shift()) {
          const { number, sizeBytes, url } = address;
          const from = (number - 1) * seen.partBytes;
          await put(url, this.file.slice(from, from + sizeBytes), either, bytes => { moving.set(number, bytes); tell(); });
          moving.delete(number);
          missing.splice(missing.indexOf(number), 1);
          sent += sizeBytes;
          progressed();
          tell();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, next)).catch(error => { failed.abort(); throw error; });
    }
  }

  async #forget() {
    if (this.#kept) await this.urlStorage.removeUpload(this.#kept);
    this.#kept = null;
  }
}

const pause = (/** @type {number} */ milliseconds) => new Promise(resolve => { setTimeout(resolve, milliseconds); });

/**
 * Puts a part where it belongs. By XMLHttpRequest, which tells how much has gone.
 * @param {string} url
 * @param {Blob} part
 * @param {AbortSignal} signal
 * @param {(bytes: number) => void} moved
 * @returns {Promise<void>}
 */
function put(url, part, signal, moved) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    if (url.startsWith('/')) for (const [name, value] of Object.entries(unsafeHeaders)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => moved(loaded);
    // An address whose time is over is no reason to give up: the next look brings another.
    request.onload = () => request.status >= 200 && request.status < 300 ? resolve() : reject(new Problem(request.status === 507 ? 507 : 0));
    request.onerror = () => reject(new Problem(0));
    request.onabort = () => reject(new Problem(0));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    if (signal.aborted) return reject(new Problem(0));
    request.send(part);
  });
}
