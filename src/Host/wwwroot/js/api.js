/**
 * The server, as the page speaks with it. Every call either gives the reply or throws a {@link Problem}.
 * @module
 */

/** Sent with every request that changes something; no other site can make a browser send it. */
export const unsafeHeaders = { 'EventFiles-Csrf': '1' };

/** What the server refused, or that it could not be reached (status 0). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {{ type?: string, title?: string, detail?: string, errors?: Record<string, string[]> }} [body]
   */
  constructor(status, body = {}) {
    const fields = Object.values(body.errors ?? {}).flat().join(' ');
    super(fields || body.detail || body.title || fallback(status));
    this.status = status;
    this.code = body.type?.replace('urn:eventfiles:problem:', '') ?? '';
    this.errors = body.errors ?? {};
  }
}

/** @param {number} status */
function fallback(status) {
  if (status === 0) return 'The server cannot be reached. Check your connection and try again.';
  if (status === 401) return 'You are signed out. Sign in and try again.';
  if (status === 404) return 'This is no longer here.';
  if (status === 413 || status === 507) return 'There is not enough space left for this.';
  if (status === 429) return 'Too many requests. Wait a moment and try again.';
  return `The server could not do this (${status}). Try again in a moment.`;
}

/** What to do when the session has ended; the page sets it once. */
let onSignedOut = () => {};

/** @param {() => void} handler */
export const whenSignedOut = handler => { onSignedOut = handler; };

/**
 * @param {string} method
 * @param {string} path
 * @param {{ body?: unknown, headers?: Record<string, string>, signal?: AbortSignal, quiet?: boolean }} [options]
 *   `body`: a file is sent as it is, anything else as JSON;
 *   `quiet`: a 401 is an answer here and not the end of the session.
 * @returns {Promise<Response>}
 */
export async function request(method, path, { body, headers = {}, signal, quiet } = {}) {
  const response = await fetch(path, {
    method,
    signal,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      ...(method === 'GET' ? {} : unsafeHeaders),
      ...(body === undefined ? {} : { 'Content-Type': body instanceof Blob ? body.type || 'application/octet-stream' : 'application/json' }),
      ...headers,
    },
    body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
  }).catch(error => {
    throw error.name === 'AbortError' ? error : new Problem(0);
  });
  if (response.ok) return response;
  if (response.status === 401 && !quiet) onSignedOut();
  throw new Problem(response.status, await response.json().catch(() => ({})));
}

/** @returns {Promise<any>} the reply's JSON, or null when it has none */
const json = async (...call) => {
  const text = await (await request(...call)).text();
  return text ? JSON.parse(text) : null;
};

/** @param {Record<string, string | number | null | undefined>} values */
const query = values => {
  const set = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return set.length ? `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}` : '';
};

const get = (path, values = {}, options = {}) => json('GET', path + query(values), options);
const part = encodeURIComponent;

/** What changes of the files that the person may read, as it does. */
export const changes = () => new EventSource('/api/events/stream');

/** Files by name, tag and text. */
export const search = (words, type, page = {}, options = {}) =>
  get('/api/search', { q: words, type: type || null, ...page }, options);

export const session = {
  ways: () => get('/api/auth/ways'),
  me: () => get('/api/me', {}, { quiet: true }),
  register: account => json('POST', '/api/auth/register', { body: account, quiet: true }),
  signIn: account => json('POST', '/api/auth/web-session', { body: account, quiet: true }),
  signOut: () => json('DELETE', '/api/auth/web-session', { quiet: true }),
  passkeyQuestion: () => json('POST', '/api/auth/passkeys/question', { quiet: true }),
  signInByPasskey: credential => json('POST', '/api/auth/passkeys/web-session', { body: { credential }, quiet: true }),
};

export const letters = {
  forget: email => json('POST', '/api/auth/password-reset', { body: { email }, quiet: true }),
  confirm: token => json('POST', '/api/auth/email/confirm', { body: { token }, quiet: true }),
  reset: (token, newPassword) => json('POST', '/api/auth/password-reset/complete', { body: { token, newPassword }, quiet: true }),
};

export const account = {
  rename: displayName => json('PATCH', '/api/me', { body: { displayName } }),
  changeAvatar: picture => json('PUT', '/api/me/avatar', { body: picture }),
  removeAvatar: () => json('DELETE', '/api/me/avatar'),
  changePassword: change => json('POST', '/api/me/password', { body: change }),
  changeEmail: change => json('POST', '/api/me/email', { body: change }),
  sendConfirmation: () => json('POST', '/api/me/email/confirmation', {}),
  sessions: page => get('/api/auth/sessions', page),
  endSession: id => json('DELETE', `/api/auth/sessions/${part(id)}`),
  endOthers: () => json('DELETE', '/api/auth/sessions'),
  tokens: page => get('/api/auth/tokens', page),
  makeToken: token => json('POST', '/api/auth/tokens', { body: token }),
  revokeToken: id => json('DELETE', `/api/auth/tokens/${part(id)}`),
  passkeys: page => get('/api/auth/passkeys', page),
  preparePasskey: password => json('POST', '/api/auth/passkeys/creation', { body: { password } }),
  addPasskey: passkey => json('POST', '/api/auth/passkeys', { body: passkey }),
  renamePasskey: (id, name) => json('PATCH', `/api/auth/passkeys/${part(id)}`, { body: { name } }),
  removePasskey: id => json('DELETE', `/api/auth/passkeys/${part(id)}`),
  prepareFactor: password => json('POST', '/api/me/second-factor', { body: { password } }),
  confirmFactor: code => json('POST', '/api/me/second-factor/confirm', { body: { code } }),
  removeFactor: password => json('POST', '/api/me/second-factor/remove', { body: { password } }),
  export: () => json('POST', '/api/me/export'),
  lastExport: () => get('/api/me/export'),
};

/** Whom one has to do with already; nobody else is ever found. */
export const people = {
  find: words => get('/api/people', { query: words }),
};

const adminAccount = (id, rest = '') => `/api/admin/accounts/${part(id)}${rest}`;

export const admin = {
  accounts: page => get('/api/admin/accounts', page),
  switch: (id, what, isOn) => json(isOn ? 'PUT' : 'DELETE', adminAccount(id, `/${what}`)),
  resetFactor: id => json('DELETE', adminAccount(id, '/second-factor')),
  invitations: page => get('/api/admin/invitations', page),
  invite: email => json('POST', '/api/admin/invitations', { body: { email } }),
  withdraw: id => json('DELETE', `/api/admin/invitations/${part(id)}`),
};

export const folders = {
  read: (id, asOf) => get(`/api/folders/${part(id)}`, { asOf }),
  retention: id => get(`/api/folders/${part(id)}/retention`),
  keep: (id, rule) => json('PUT', `/api/folders/${part(id)}/retention`, { body: rule }),
  unkeep: id => json('DELETE', `/api/folders/${part(id)}/retention`),
  children: (id, page = {}, options = {}) => get(`/api/folders/${part(id)}/children`, page, options),
  create: (name, parentId) => json('POST', '/api/folders', { body: { name, parentId } }),
  change: (id, change) => json('PATCH', `/api/folders/${part(id)}`, { body: change }),
  trash: id => json('DELETE', `/api/folders/${part(id)}?recursive=true`),
  copy: (id, parentId) => json('POST', `/api/folders/${part(id)}/copy`, { body: { parentId } }),
  /** Where a folder is, with everything in it, as one archive. */
  archive: id => `/api/folders/${part(id)}/archive`,
};

export const copies = { read: id => get(`/api/copies/${part(id)}`) };

/** @param {{ kind: string, id: string }[]} items */
const kindsAndIds = items => items.map(({ kind, id }) => ({ kind, id }));

/**
 * Asks for the same with up to a thousand files and folders; each has its own result.
 * @returns {Promise<{ results: { item: { kind: string, id: string }, status: number, problem: { detail: string } | null }[] }>}
 */
export const bulk = (action, items, more = {}) =>
  json('POST', '/api/bulk', { body: { action, items: kindsAndIds(items), ...more } });

/** A selection as one archive; gives where it is. */
export const archive = async items => {
  const { id } = await json('POST', '/api/archives', { body: { items: kindsAndIds(items) } });
  return `/api/archives/${part(id)}`;
};

export const marks = {
  of: entries => json('POST', '/api/marks', { body: { entries } }),
  favourites: (page, options) => get('/api/favourites', page, options),
};

export const tags = {
  list: page => get('/api/tags', page),
  create: name => json('POST', '/api/tags', { body: { name } }),
  entries: (id, page, options) => get(`/api/tags/${part(id)}/entries`, page, options),
};

const file = (id, rest = '') => `/api/files/${part(id)}${rest}`;

export const files = {
  read: id => get(file(id)),
  status: id => get(file(id, '/status')),
  history: (id, page = {}) => get(file(id, '/history'), page),
  versions: id => get(file(id, '/versions')),
  restoreVersion: (id, version) => json('POST', file(id, `/versions/${version}/restore`)),
  labelVersion: (id, version, label) => json('PATCH', file(id, `/versions/${version}`), { body: { label } }),
  removeVersion: (id, version) => json('DELETE', file(id, `/versions/${version}`)),
  hold: id => get(file(id, '/hold')),
  change: (id, change) => json('PATCH', file(id), { body: change }),
  trash: id => json('DELETE', file(id)),
  remove: id => json('DELETE', file(id, '?permanent=true')),
  restore: id => json('POST', file(id, '/restore')),
  /** @param {string} [space] the group whose space's trash it is; absent for the caller's own */
  trashed: (page, space) => get('/api/trash', { ...page, space }),
  emptyTrash: space => json('DELETE', `/api/trash${space ? `?space=${part(space)}` : ''}`),
  /**
   * Where the bytes are, to show (inert types only) or to save.
   * @param {string} id
   * @param {{ inline?: boolean, version?: number }} [which]
   */
  content: (id, { inline = false, version } = {}) => file(id, '/content') + query({ inline: inline ? 'true' : null, version }),
  variant: (id, name, version) => file(id, `/variants/${part(name)}`) + query({ v: version }),
};

export const erasures = {
  askFile: (id, ground) => json('POST', file(id, '/erasure'), { body: { ground } }),
  cancel: id => json('DELETE', `/api/erasures/${part(id)}`),
  receipt: id => `/api/erasures/${part(id)}/receipt`,
};

/**
 * @param {{ id: string, kind?: string }} item a file or a folder
 * @param {'shares' | 'links' | 'transfer'} what
 */
const onItem = ({ id, kind }, what) => `/api/${kind === 'folder' ? 'folders' : 'files'}/${part(id)}/${what}`;

export const shares = {
  of: item => get(onItem(item, 'shares')),
  add: (item, share) => json('POST', onItem(item, 'shares'), { body: share }),
  revoke: id => json('DELETE', `/api/shares/${part(id)}`),
  withMe: (page, options) => get('/api/shared-with-me', page, options),
};

/** Of ownership. */
export const transfers = {
  offer: (item, offer) => json('POST', onItem(item, 'transfer'), { body: offer }),
  list: direction => get('/api/transfers', { direction, limit: 1000 }),
  read: id => get(`/api/transfers/${part(id)}`),
  accept: id => json('POST', `/api/transfers/${part(id)}/accept`, { body: {} }),
  decline: id => json('POST', `/api/transfers/${part(id)}/decline`),
  withdraw: id => json('DELETE', `/api/transfers/${part(id)}`),
};

export const groups = {
  mine: () => get('/api/groups'),
  read: id => get(`/api/groups/${part(id)}`),
  add: name => json('POST', '/api/groups', { body: { name } }),
  remove: id => json('DELETE', `/api/groups/${part(id)}`),
  admit: (id, member, isManager) => json('POST', `/api/groups/${part(id)}/members`, { body: { member, isManager } }),
  dismiss: (id, member) => json('DELETE', `/api/groups/${part(id)}/members/${part(member)}`),
};

export const spaces = {
  mine: () => get('/api/spaces'),
  of: group => get(`/api/groups/${part(group)}/space`),
  all: page => get('/api/admin/groups', page),
  open: (group, space) => json('POST', `/api/groups/${part(group)}/space`, { body: space }),
  change: (group, space) => json('PUT', `/api/groups/${part(group)}/space`, { body: space }),
  close: group => json('DELETE', `/api/groups/${part(group)}/space`),
};

export const links = {
  of: item => get(onItem(item, 'links')),
  add: (item, link) => json('POST', onItem(item, 'links'), { body: link }),
  revoke: id => json('DELETE', `/api/links/${part(id)}`),
  open: (token, password) => json('GET', `/api/links/${part(token)}`, { headers: linkPassword(password), quiet: true }),
  /**
   * @param {'content' | 'thumbnail'} what
   * @returns {Promise<Blob>}
   */
  bytes: async (token, what, password) =>
    (await request('GET', links.address(token, what), { headers: linkPassword(password), quiet: true })).blob(),
  /** Where a link without a password serves its bytes. */
  address: (token, what) => `/api/links/${part(token)}/${what}`,
  bring,
};

/**
 * Brings a file by a link. `fetch` tells nothing of what was sent so far.
 * @param {string} token
 * @param {File} file
 * @param {string | undefined} password
 * @param {(share: number) => void} onProgress from 0 to 1
 * @returns {Promise<void>}
 */
function bring(token, file, password, onProgress) {
  const form = new FormData();
  form.append('file', file);
  return new Promise((done, failed) => {
    const call = new XMLHttpRequest();
    call.open('POST', links.address(token, 'files'));
    call.responseType = 'json';
    for (const [name, value] of Object.entries({ ...unsafeHeaders, ...linkPassword(password) })) call.setRequestHeader(name, value);
    call.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 1);
    call.onload = () => call.status < 300 ? done() : failed(new Problem(call.status, call.response ?? {}));
    call.onerror = () => failed(new Problem(0));
    call.send(form);
  });
}

/** For auditors. */
export const holds = {
  list: page => get('/api/holds', page),
  place: hold => json('POST', '/api/holds', { body: hold }),
  lift: (id, reason) => json('POST', `/api/holds/${part(id)}/lift`, { body: { reason } }),
};

export const audit = {
  events: filter => get('/api/audit/events', filter),
  causes: id => get(`/api/audit/events/${part(id)}/causes`),
  /** Where the same is to be had as a file. */
  file: (filter, format) => '/api/audit/export' + query({ ...filter, format }),
  /** Who could open a file at a moment. */
  access: (id, from, to) => get(file(id, '/access'), { from, to }),
};

/** A header carries bytes; the server reads them as UTF-8, so every letter may be in a password. */
const linkPassword = password => password
  ? { 'Link-Password': String.fromCharCode(...new TextEncoder().encode(password)) }
  : {};

/** Uploads in parts that go straight to the store; the server gives each its own address. */
export const directUploads = {
  terms: () => get('/api/uploads/direct'),
  /** Gives the upload's address. */
  begin: async upload => (await request('POST', '/api/uploads/direct', { body: upload })).headers.get('Location'),
  read: url => get(url),
  addresses: (url, from) => get(`${url}/parts`, { from }),
  complete: url => json('POST', `${url}/complete`, { body: {} }),
};

export const quota = {
  read: () => get('/api/quota'),
  /** What the used space is made of. */
  explain: async () => (await get('/api/quota/explain?limit=1')).breakdown,
};
