import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as tus from 'tus-js-client';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(async () => { await server.stop(); });

/** Uploads with tus-js-client; `disturb` comes between the first piece and the second. Gives what was asked of the server. */
async function upload(content, name, token, disturb = async () => {}) {
  const folder = await mkdtemp(join(tmpdir(), 'eventfiles-tus-'));
  await writeFile(join(folder, name), content);
  const asked = [];
  return new Promise((resolve, reject) => {
    const transfer = new tus.Upload(createReadStream(join(folder, name)), {
      endpoint: `${server.url}/api/uploads`,
      chunkSize: 1 << 20,
      uploadSize: content.length,
      retryDelays: Array(300).fill(200),
      headers: { Authorization: `Bearer ${token}` },
      metadata: { filename: name, filetype: 'application/octet-stream' },
      urlStorage: new tus.FileUrlStorage(join(folder, 'urls')),
      onError: reject,
      onBeforeRequest: async request => {
        asked.push(request.getMethod());
        if (asked.join() === 'POST,PATCH,PATCH') await disturb();
      },
      onSuccess: ({ lastResponse }) => resolve({ file: lastResponse.getHeader('File-Id'), asked }),
    });
    transfer.start();
  });
}

async function download(file, token) {
  const reply = await fetch(`${server.url}/api/files/${file}/content`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(reply.status, 200);
  return Buffer.from(await reply.arrayBuffer());
}

test('tus-js-client uploads files of every size', async () => {
  const token = await server.register('sizes@example.org');
  for (const size of [0, 1, 65_536, (1 << 20) + 1, 5_000_000]) {
    const content = randomBytes(size);
    const { file } = await upload(content, `${size}.bin`, token);
    assert.ok(file, `no File-Id for ${size} bytes`);
    assert.ok(content.equals(await download(file, token)), `${size} bytes differ`);
  }
});

test('tus-js-client resumes after the server was killed', async () => {
  const token = await server.register('killed@example.org');
  const content = randomBytes(8 << 20);
  let restarted;
  const { file, asked } = await upload(content, 'killed.bin', token, async () => {
    await server.kill();
    restarted = server.restart();
  });
  await restarted;
  assert.deepEqual(asked.filter(method => method !== 'HEAD'), ['POST', ...Array(9).fill('PATCH')]);
  assert.ok(asked.includes('HEAD'));
  assert.ok(content.equals(await download(file, token)));
  const quota = await (await fetch(`${server.url}/api/quota`, { headers: { Authorization: `Bearer ${token}` } })).json();
  assert.deepEqual([quota.usedBytes, quota.reservedBytes, quota.files], [content.length, 0, 1]);
});
