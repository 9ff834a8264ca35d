import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import * as tus from 'tus-js-client';
import { Server } from './server.mjs';

let server;

/**
 * Uploads with tus-js-client; `disturb` comes once: when that many bodies have gone out and all parts were begun, or `midway`, when so
 * many bytes of a body have gone out, whose rest waits for it. `options` are the client's own.
 * Gives what was asked of the server.
 */
async function upload(content, name, token, { disturb = async () => {}, after = 1, midway, source, ...options } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'eventfiles-tus-'));
  await writeFile(join(folder, name), content);
  const asked = [];
  let [begun, isDisturbed] = [0, false];
  return new Promise((resolve, reject) => {
    const transfer = new tus.Upload(source ?? createReadStream(join(folder, name)), {
      endpoint: `${server.url}/api/uploads`,
      chunkSize: 1 << 20,
      retryDelays: Array(300).fill(200),
      headers: { Authorization: `Bearer ${token}` },
      metadata: { filename: name, filetype: 'application/octet-stream' },
      urlStorage: new tus.FileUrlStorage(join(folder, 'urls')),
      onError: reject,
      onBeforeRequest: async request => {
        asked.push(request.getMethod());
        const isDue = midway === undefined && request.getMethod() === 'PATCH' && asked.filter(method => method === 'PATCH').length > after;
        if (!isDue || isDisturbed || begun < (options.parallelUploads ?? 1)) return;
        isDisturbed = true;
        await disturb();
      },
      onAfterResponse: request => {
        if (request.getMethod() === 'POST') begun++;
      },
      onSuccess: ({ lastResponse }) => resolve({ file: lastResponse.getHeader('File-Id'), asked, transfer }),
      ...midway === undefined ? {} : { fileReader: { openFile: async () => new DisturbedContent(content, midway, disturb) } },
      ...options,
    });
    transfer.start();
  });
}

/** A source of tus-js-client's that comes to a halt once, in the middle of a body. */
class DisturbedContent {
  constructor(content, midway, disturb) {
    Object.assign(this, { content, midway, disturb, size: content.length });
  }

  async slice(start, end) {
    const part = this.content.subarray(start, Math.min(end, this.size));
    return { value: Object.assign(Readable.from(this.#pieces(start, part)), { size: part.length }), done: end >= this.size };
  }

  close() {}

  async *#pieces(start, part) {
    for (let at = 0; at < part.length; at += 1 << 16) {
      if (this.disturb && start + at >= this.midway) {
        const { disturb } = this;
        this.disturb = undefined;
        await disturb();
      }
      yield part.subarray(at, at + (1 << 16));
    }
  }
}

async function quotaOf(token) {
  const quota = await (await fetch(`${server.url}/api/quota`, { headers: { Authorization: `Bearer ${token}` } })).json();
  return [quota.usedBytes, quota.reservedBytes, quota.files];
}

async function download(file, token) {
  const reply = await fetch(`${server.url}/api/files/${file}/content`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(reply.status, 200);
  return Buffer.from(await reply.arrayBuffer());
}

for (const isBucket of [false, true]) describe(isBucket ? 'to a bucket' : 'to a directory', () => {
  before(async () => { server = await Server.start({ isBucket }); });
  after(async () => { await server.stop(); });

  test('tus-js-client uploads files of every size', async () => {
    const token = await server.register('sizes@example.org');
    for (const size of [0, 1, 65_536, (1 << 20) + 1, 5_000_000]) {
      const content = randomBytes(size);
      const { file } = await upload(content, `${size}.bin`, token, { uploadSize: content.length });
      assert.ok(file, `no File-Id for ${size} bytes`);
      assert.ok(content.equals(await download(file, token)), `${size} bytes differ`);
    }
  });

  test('tus-js-client resumes after the server was killed', async () => {
    const token = await server.register('killed@example.org');
    const content = randomBytes(8 << 20);
    let restarted;
    const { file, asked } = await upload(content, 'killed.bin', token, {
      uploadSize: content.length,
      disturb: async () => {
        await server.kill();
        restarted = server.restart();
      },
    });
    await restarted;
    assert.deepEqual(asked.filter(method => method !== 'HEAD'), ['POST', ...Array(9).fill('PATCH')]);
    assert.ok(asked.includes('HEAD'));
    assert.ok(content.equals(await download(file, token)));
    assert.deepEqual(await quotaOf(token), [content.length, 0, 1]);
  });

  test('tus-js-client goes on after the server was killed in the middle of a body', async () => {
    const token = await server.register('midway@example.org');
    let whole = 0;
    for (let number = 0; number < 3; number++) {
      const content = randomBytes(randomInt(12 << 20, 24 << 20));
      whole += content.length;
      let restarted;
      const { file, asked } = await upload(content, `${number}.bin`, token, {
        chunkSize: Infinity,
        midway: randomInt(1, content.length >> 1),
        disturb: async () => {
          await server.kill();
          restarted = server.restart();
        },
      });
      await restarted;
      assert.ok(restarted, 'nothing was killed');
      assert.ok(asked.includes('HEAD'));
      assert.ok(content.equals(await download(file, token)), `${content.length} bytes differ`);
    }
    assert.deepEqual(await quotaOf(token), [whole, 0, 3]);
  });

  test('tus-js-client uploads in parallel, also when the server is killed meanwhile', async () => {
    const token = await server.register('parallel@example.org');
    for (const [size, parallelUploads, isKilled] of [[3, 2, false], [5_000_001, 3, false], [(16 << 20) + 7, 4, true]]) {
      const content = randomBytes(size);
      let restarted;
      const { file, asked } = await upload(content, `${size}-${parallelUploads}.bin`, token, {
        parallelUploads,
        after: 5,
        disturb: async () => {
          if (!isKilled) return;
          await server.kill();
          restarted = server.restart();
        },
      });
      await restarted;
      assert.equal(Boolean(restarted), isKilled);
      assert.equal(asked.filter(method => method === 'POST').length, parallelUploads + 1);
      assert.ok(content.equals(await download(file, token)), `${size} bytes differ`);
    }
    const [used, reserved, files] = await quotaOf(token);
    assert.deepEqual([used, reserved, files], [3 + 5_000_001 + (16 << 20) + 7, 0, 3]);
  });

  test('tus-js-client uploads what it does not know the length of', async () => {
    const token = await server.register('deferred@example.org');
    // None that ends with a chunk: there this version of the client waits for ever for a stream that has ended, and asks nothing.
    for (const size of [1, (1 << 20) - 1, 3_500_000]) {
      const content = randomBytes(size);
      const { file } = await upload(content, `${size}.bin`, token, {
        source: Readable.from(content.length > 10 ? [content.subarray(0, 10), content.subarray(10)] : [content], { objectMode: false }),
        uploadLengthDeferred: true,
      });
      assert.ok(content.equals(await download(file, token)), `${size} bytes differ`);
    }
    assert.deepEqual(await quotaOf(token), [1 + (1 << 20) - 1 + 3_500_000, 0, 3]);
  });

  for (const protocol of ['ietf-draft-03', 'ietf-draft-05']) {
    test(`tus-js-client speaks ${protocol}, with data in its creation and without, and resumes after a kill`, async () => {
      const token = await server.register(`${protocol}@example.org`);
      for (const [size, uploadDataDuringCreation, isKilled] of [[0, false, false], [1, true, false], [2_500_000, true, false], [2_500_001, false, false], [6_000_000, false, true]]) {
        const content = randomBytes(size);
        let restarted;
        const { file, asked } = await upload(content, `${size}.bin`, token, {
          protocol,
          uploadDataDuringCreation,
          disturb: async () => {
            if (!isKilled) return;
            await server.kill();
            restarted = server.restart();
          },
        });
        await restarted;
        assert.equal(asked.includes('HEAD'), isKilled);
        assert.ok(file, `no File-Id for ${size} bytes`);
        assert.ok(content.equals(await download(file, token)), `${size} bytes differ`);
      }
    });
  }

  test('tus-js-client ends an upload that it gives up', async () => {
    const token = await server.register('aborted@example.org');
    const content = randomBytes(3 << 20);
    const folder = await mkdtemp(join(tmpdir(), 'eventfiles-tus-'));
    await writeFile(join(folder, 'aborted.bin'), content);
    await new Promise((resolve, reject) => {
      const transfer = new tus.Upload(createReadStream(join(folder, 'aborted.bin')), {
        endpoint: `${server.url}/api/uploads`,
        chunkSize: 1 << 20,
        headers: { Authorization: `Bearer ${token}` },
        onError: reject,
        onChunkComplete: () => transfer.abort(true).then(resolve, reject),
      });
      transfer.start();
    });
    assert.deepEqual(await quotaOf(token), [0, 0, 0]);
  });
});
