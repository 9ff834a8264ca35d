// The main job with a client generated from the API document. It compiles only if the document's types are right.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

/** The value of a reply that succeeded; a problem becomes an error that shows it. */
function ok<T>(reply: { data?: T; error?: unknown; response: Response }): T {
  if (reply.data === undefined) throw new Error(`${reply.response.status} ${JSON.stringify(reply.error)}`);
  return reply.data;
}

export async function journey(url: string, sample: string): Promise<void> {
  const anybody = createClient<paths>({ baseUrl: url });
  const person = async (email: string) => {
    const account = { email, password: 'correct horse battery' };
    ok(await anybody.POST('/api/auth/register', { body: { ...account, displayName: 'Somebody' } }));
    const tokens = ok(await anybody.POST('/api/auth/login', { body: account }));
    return createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${tokens.accessToken}` } });
  };
  const olga = await person('olga@example.org');
  const ravi = await person('ravi@example.org');

  const content = await readFile(sample);
  const form = new FormData();
  form.append('file', new Blob([content], { type: 'image/jpeg' }), 'Dusk.jpg');
  const uploaded = ok(await olga.POST('/api/upload', { body: form as never, bodySerializer: body => body as never }));
  const id: string = uploaded.file.id;
  const size: number = uploaded.file.size;
  assert.equal(size, content.length);

  let status: components['schemas']['FileStatusView'];
  do {
    status = ok(await olga.GET('/api/files/{id}/status', { params: { path: { id } } }));
  } while (status.status === 'processing');
  assert.equal(status.status, 'ready');
  const file = ok(await olga.GET('/api/files/{id}', { params: { path: { id } } }));
  assert.ok(file.variants.some(variant => variant.name === 'thumbnail'));

  const part = await olga.GET('/api/files/{id}/content', { params: { path: { id } }, headers: { Range: 'bytes=10-19' }, parseAs: 'arrayBuffer' });
  assert.equal(part.response.status, 206);
  assert.deepEqual(Buffer.from(part.data as unknown as ArrayBuffer), content.subarray(10, 20));

  const stranger = await ravi.GET('/api/files/{id}', { params: { path: { id } } });
  assert.equal(stranger.response.status, 404);
  assert.equal(stranger.error?.type, 'urn:eventfiles:problem:files.not-found');
  ok(await olga.POST('/api/files/{id}/shares', { params: { path: { id } }, body: { grantee: 'ravi@example.org', role: 'viewer' } }));
  ok(await ravi.GET('/api/files/{id}', { params: { path: { id } } }));

  const link = ok(await olga.POST('/api/files/{id}/links', { params: { path: { id } }, body: { password: 'open sesame' } }));
  const opened = ok(await anybody.GET('/api/links/{link}', { params: { path: { link: link.token }, header: { 'Link-Password': 'open sesame' } } }));
  assert.equal(opened.name, 'Dusk.jpg');

  assert.equal((await olga.DELETE('/api/files/{id}', { params: { path: { id } } })).response.status, 202);
  assert.equal(ok(await olga.GET('/api/trash')).items.length, 1);
  ok(await olga.POST('/api/files/{id}/restore', { params: { path: { id } } }));
  assert.equal((await olga.DELETE('/api/files/{id}', { params: { path: { id }, query: { permanent: true } } })).response.status, 202);
  for (;;) {
    const quota = ok(await olga.GET('/api/quota'));
    const used: number = quota.usedBytes;
    if (used === 0) break;
  }
}
