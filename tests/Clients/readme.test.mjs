import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root, Server } from './server.mjs';

test('what the README shows works when it is typed in', async () => {
  const server = await Server.start();
  try {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const shown = readme.match(/```sh\n([\s\S]*?)```/)[1];
    const script = shown
      .replace('http://127.0.0.1:5080', server.url)
      .replaceAll('curl -s', 'curl -sS --fail-with-body -H "Prefer: wait=60"')
      .replaceAll('samples/', `${root}/samples/`);
    const folder = await mkdtemp(join(tmpdir(), 'eventfiles-readme-'));
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder })
      .catch(failure => assert.fail(`${failure.stdout}\n${failure.stderr}`));
    assert.match(stdout, /upload\.completed\.v1/);
    assert.match(stdout, /delete\.restored\.v1/);
    assert.equal((await readFile(join(folder, 'first-kilobyte'))).length, 1000);
    assert.deepEqual([...(await readFile(join(folder, 'thumbnail.jpg'))).subarray(0, 2)], [0xff, 0xd8]);
  } finally {
    await server.stop();
  }
});
