// The whole main job with a client generated from the API document, on a server that is killed and started again on the
// way. It compiles only if the document's types are right.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

type Client = ReturnType<typeof createClient<paths>>;
type Reply<T> = { data?: T; error?: unknown; response: Response };

/** The server as a supervisor has it: beside the clients' journey, not a part of it. */
interface Machine {
  url: string;
  kill(): Promise<unknown>;
  restart(): Promise<void>;
}

const password = 'correct horse battery';
const tus = { 'Tus-Resumable': '1.0.0' };
const offsetStream = { 'Content-Type': 'application/offset+octet-stream' };
/** What fetch wants with a body that comes bit by bit; its types do not know it yet. */
const streaming = { duplex: 'half' } as object;
const piece = 1 << 20;
/** What was written shows in the next read, however busy the machine is. */
const headers = { Prefer: 'wait=60' };

export async function journey(server: Machine, samples: string): Promise<void> {
  const anybody = createClient<paths>({ baseUrl: server.url, headers });
  const olga = await register(server.url, 'olga@example.org');
  const ravi = await register(server.url, 'ravi@example.org');
  const [picture, pdf, text] = await Promise.all(['Dusk over the hills.jpg', 'What happened to a file.pdf', 'Notes.txt']
    .map(name => readFile(join(samples, name))));

  const dusk = await send(olga.client, 'Dusk.jpg', 'image/jpeg', picture);
  const report = await sendInPieces(olga.client, 'Report.pdf', pdf);
  const notes = await send(olga.client, 'Notes.txt', 'text/plain', text);
  const thumbnail = await becomesReady(olga.client, dusk, 'thumbnail');
  const firstPage = await becomesReady(olga.client, report, 'pdf_thumbnail');
  await becomesReady(olga.client, notes);
  await comesBack(olga.client, dusk, picture);
  await comesBack(olga.client, report, pdf);

  await shareWith(olga.client, ravi, dusk);
  const link = await linkTo(olga.client, dusk);
  await opens(anybody, link.token, picture);
  await throwAwayAndHaveBack(olga.client, notes);
  await deleteForGood(olga.client, notes);
  assert.deepEqual(await space(olga.client), [picture.length + pdf.length, 0, 2]);

  const film = randomBytes(8 * piece);
  const upload = await begin(olga.client, 'Film.bin', film);
  await patch(olga.client, upload, 0, film.subarray(0, piece));
  const over = new AbortController();
  const cutOff = assert.rejects(patch(olga.client, upload, piece, trickling(film.subarray(piece), 3 * piece, over.signal)));
  await hasOnRecord(olga.client, upload, 3 * piece);
  assert.deepEqual(await space(olga.client), [picture.length + pdf.length, film.length, 2]);
  const key = randomUUID();
  const second = await send(olga.client, 'Dusk again.jpg', 'image/jpeg', picture, key);
  await server.kill();
  await cutOff;
  over.abort();
  await server.restart();

  await becomesReady(olga.client, second, 'thumbnail');
  assert.deepEqual(await space(olga.client), [picture.length + pdf.length, film.length, 3]);
  const refreshed = ok(await anybody.POST('/api/auth/refresh', { body: { refreshToken: olga.refreshToken } }));
  const back = withToken(server.url, refreshed.accessToken);
  assert.equal(await send(back, 'Dusk again.jpg', 'image/jpeg', picture, key), second);
  // What a request brought that was killed is on record now and then only; what another was answered for always is.
  const kept = await offset(back, upload);
  assert.ok(kept >= piece && kept < film.length, `${kept} bytes are there`);
  const last = await patch(back, upload, kept, film.subarray(kept));
  await comesBack(back, given(last, 'File-Id'), film);
  assert.deepEqual(await space(back), [picture.length + pdf.length + film.length, 0, 4]);

  assert.deepEqual(await names(back), ['Dusk again.jpg', 'Dusk.jpg', 'Film.bin', 'Report.pdf']);
  await comesBack(back, dusk, picture);
  await comesBack(back, report, pdf);
  assert.ok(thumbnail?.equals(await variant(back, dusk, 'thumbnail')));
  assert.ok(firstPage?.equals(await variant(back, report, 'pdf_thumbnail')));
  await comesBack(ravi.client, dusk, picture);
  await opens(anybody, link.token, picture);
  const gone = await back.GET('/api/files/{id}', byId(notes));
  assert.equal(gone.error?.type, 'urn:eventfiles:problem:files.not-found');
  const history = ok(await back.GET('/api/files/{id}/history', byId(notes))).items.map(({ what }) => what);
  const ways = ['upload.completed.v1', 'delete.trashed.v1', 'delete.restored.v1', 'delete.requested.v1', 'delete.purged.v1'];
  assert.deepEqual(history.filter(what => ways.includes(what)), ways);
}

/** The value of a reply that succeeded; a problem becomes an error that shows it. */
function ok<T>(reply: Reply<T>): T {
  if (reply.data === undefined) throw new Error(`${reply.response.status} ${JSON.stringify(reply.error)}`);
  return reply.data;
}

/** The reply's own response, when it has that status. */
function expect(reply: Reply<unknown>, status: number): Response {
  assert.equal(reply.response.status, status, JSON.stringify(reply.error));
  return reply.response;
}

function given(response: Response, header: string): string {
  const value = response.headers.get(header);
  assert.ok(value, `${header} is missing`);
  return value;
}

const byId = <T extends object>(id: string, more?: T) => ({ params: { path: { id } }, ...more as T });

const withToken = (url: string, token: string): Client =>
  createClient<paths>({ baseUrl: url, headers: { ...headers, Authorization: `Bearer ${token}` } });

async function register(url: string, email: string) {
  const anybody = createClient<paths>({ baseUrl: url, headers });
  ok(await anybody.POST('/api/auth/register', { body: { email, password, displayName: 'Somebody' } }));
  const tokens = ok(await anybody.POST('/api/auth/login', { body: { email, password } }));
  return { email, refreshToken: tokens.refreshToken, client: withToken(url, tokens.accessToken) };
}

async function send(client: Client, name: string, type: string, content: Buffer, key?: string): Promise<string> {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(content)], { type }), name);
  const uploaded = ok(await client.POST('/api/upload', {
    params: { header: { 'Idempotency-Key': key } }, body: form as never, bodySerializer: body => body as never,
  }));
  const size: number = uploaded.file.size;
  assert.equal(size, content.length);
  return uploaded.file.id;
}

/** By tus; gives the token, which names the upload. */
async function begin(client: Client, name: string, content: Buffer): Promise<string> {
  const created = expect(await client.POST('/api/uploads', {
    params: { header: {
      ...tus, 'Upload-Length': String(content.length), 'Upload-Metadata': `filename ${Buffer.from(name).toString('base64')}`,
    } },
  }), 201);
  return given(created, 'Location').split('/').at(-1)!;
}

async function patch(client: Client, token: string, from: number, bytes: Buffer | ReadableStream): Promise<Response> {
  return expect(await client.PATCH('/api/uploads/{token}', {
    params: { path: { token }, header: { ...tus, 'Upload-Offset': String(from) } },
    headers: offsetStream, body: bytes as never, bodySerializer: body => body, ...streaming,
  }), 204);
}

async function offset(client: Client, token: string): Promise<number> {
  const read = await client.HEAD('/api/uploads/{token}', { params: { path: { token }, header: tus } });
  return Number(given(expect(read, 200), 'Upload-Offset'));
}

/** Waits until so many bytes are durable, while the request that brings them is still on its way. */
async function hasOnRecord(client: Client, token: string, bytes: number): Promise<void> {
  for (const end = Date.now() + 60_000; await offset(client, token) < bytes; await new Promise(done => setTimeout(done, 50)))
    assert.ok(Date.now() < end, `${bytes} bytes were never on record`);
}

async function sendInPieces(client: Client, name: string, content: Buffer): Promise<string> {
  const token = await begin(client, name, content);
  const middle = content.length >> 1;
  await patch(client, token, 0, content.subarray(0, middle));
  assert.equal(await offset(client, token), middle);
  return given(await patch(client, token, middle, content.subarray(middle)), 'File-Id');
}

/** A body that gives so many bytes at once and then trickles: its request is on its way until it is over. */
function trickling(bytes: Buffer, atOnce: number, over: AbortSignal): ReadableStream {
  return new ReadableStream({
    start: controller => controller.enqueue(new Uint8Array(bytes.subarray(0, atOnce))),
    async pull(controller) {
      await new Promise(done => setTimeout(done, 100));
      if (over.aborted) controller.close();
      else controller.enqueue(new Uint8Array(bytes.subarray(atOnce, atOnce += 100)));
    },
  });
}

/** Waits until processing has ended well; gives the variant that was asked for. */
async function becomesReady(client: Client, id: string, name?: string): Promise<Buffer | null> {
  let status: components['schemas']['FileStatusView'];
  for (const end = Date.now() + 60_000; ; await new Promise(done => setTimeout(done, 50))) {
    status = ok(await client.GET('/api/files/{id}/status', byId(id)));
    if (status.status !== 'processing' || Date.now() > end) break;
  }
  assert.equal(status.status, 'ready', JSON.stringify(status));
  if (!name) return null;
  const file = ok(await client.GET('/api/files/{id}', byId(id)));
  const made = await variant(client, id, name);
  assert.equal(made.length, file.variants.find(one => one.name === name)?.size);
  return made;
}

async function variant(client: Client, id: string, name: string): Promise<Buffer> {
  const made = await client.GET('/api/files/{id}/variants/{name}', { params: { path: { id, name } }, parseAs: 'arrayBuffer' });
  return Buffer.from(ok(made) as unknown as ArrayBuffer);
}

/** Whole and in ranges it is what was sent. */
async function comesBack(client: Client, id: string, content: Buffer): Promise<void> {
  const read = (range?: string) => client.GET('/api/files/{id}/content', {
    params: { path: { id }, header: { Range: range } }, parseAs: 'arrayBuffer',
  });
  const bytes = (reply: Reply<unknown>) => Buffer.from(ok(reply) as ArrayBuffer);
  const whole = await read();
  expect(whole, 200);
  assert.ok(content.equals(bytes(whole)));
  for (const [range, part] of [['bytes=10-19', content.subarray(10, 20)], ['bytes=-100', content.subarray(-100)]] as const) {
    const reply = await read(range);
    expect(reply, 206);
    assert.ok(part.equals(bytes(reply)));
  }
}

async function shareWith(client: Client, other: { email: string; client: Client }, id: string): Promise<void> {
  const stranger = await other.client.GET('/api/files/{id}', byId(id));
  expect(stranger, 404);
  assert.equal(stranger.error?.type, 'urn:eventfiles:problem:files.not-found');
  ok(await client.POST('/api/files/{id}/shares', byId(id, { body: { grantee: other.email, role: 'viewer' as const } })));
  assert.deepEqual(ok(await other.client.GET('/api/shared-with-me')).items.map(({ file }) => file?.id), [id]);
}

/** However often it is asked for under one key, there is one link, and its token is the same. */
async function linkTo(client: Client, id: string): Promise<components['schemas']['CreatedLink']> {
  const request = {
    params: { path: { id }, header: { 'Idempotency-Key': `"${randomUUID()}"` } }, body: { password: 'open sesame' },
  };
  const link = ok(await client.POST('/api/files/{id}/links', request));
  assert.deepEqual(ok(await client.POST('/api/files/{id}/links', request)), link);
  assert.equal(ok(await client.GET('/api/files/{id}/links', byId(id))).items.length, 1);
  return link;
}

async function opens(client: Client, link: string, content: Buffer): Promise<void> {
  const params = { path: { link }, header: { 'Link-Password': 'open sesame' } };
  assert.equal(ok(await client.GET('/api/links/{link}', { params })).name, 'Dusk.jpg');
  const bytes = ok(await client.GET('/api/links/{link}/content', { params, parseAs: 'arrayBuffer' }));
  assert.ok(content.equals(Buffer.from(bytes as unknown as ArrayBuffer)));
}

async function throwAwayAndHaveBack(client: Client, id: string): Promise<void> {
  expect(await client.DELETE('/api/files/{id}', byId(id)), 202);
  assert.deepEqual(ok(await client.GET('/api/trash')).items.map(file => file.id), [id]);
  ok(await client.POST('/api/files/{id}/restore', byId(id)));
  assert.deepEqual(await names(client), ['Dusk.jpg', 'Notes.txt', 'Report.pdf']);
}

async function deleteForGood(client: Client, id: string): Promise<void> {
  const [, , files] = await space(client);
  expect(await client.DELETE('/api/files/{id}', { params: { path: { id }, query: { permanent: true } } }), 202);
  for (const end = Date.now() + 60_000; (await space(client))[2] === files; await new Promise(done => setTimeout(done, 50))) {
    assert.ok(Date.now() < end, 'Its space is not free after a minute');
  }
}

/** Bytes in use, bytes set aside, files. */
async function space(client: Client): Promise<[number, number, number]> {
  const { usedBytes, reservedBytes, files } = ok(await client.GET('/api/quota'));
  return [usedBytes, reservedBytes, files];
}

async function names(client: Client): Promise<string[]> {
  const children = ok(await client.GET('/api/folders/{id}/children', byId('root')));
  return children.items.map(({ name }) => name);
}
