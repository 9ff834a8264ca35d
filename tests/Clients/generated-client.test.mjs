import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { root, Server } from './server.mjs';

const run = promisify(execFile);
const here = import.meta.dirname;
const made = join(here, 'node_modules/.generated');
const tool = name => join(here, 'node_modules/.bin', name);

let server;
before(async () => {
  server = await Server.start();
  await mkdir(made, { recursive: true });
  const document = await (await fetch(`${server.url}/openapi/v1.json`)).text();
  await writeFile(join(made, 'openapi.json'), document);
});
after(async () => { await server.stop(); });

test('the API document is lint-clean', async () => {
  await run(tool('redocly'), ['lint', join(made, 'openapi.json'), '--config', join(here, 'redocly.yaml')], { env: { ...process.env, REDOCLY_TELEMETRY: 'off', CI: 'true' } })
    .catch(failure => assert.fail(`${failure.stdout}\n${failure.stderr}`));
});

test('every operation has a name, an answer, and the refusals it can give', async () => {
  const document = await (await fetch(`${server.url}/openapi/v1.json`)).json();
  assert.match(document.openapi, /^3\.1\./);
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method} ${path}`;
      assert.ok(operation.operationId, `${name} has no operationId`);
      assert.ok(operation.summary, `${name} has no summary`);
      assert.ok(Object.keys(operation.responses).some(status => status.startsWith('2')), `${name} has no answer`);
      if (operation.security?.length) assert.ok(operation.responses['401'], `${name} does not say that one must sign in`);
      for (const [status, reply] of Object.entries(operation.responses)) {
        if (status.startsWith('4')) {
          assert.ok(Object.keys(reply.content['application/problem+json'].examples).length, `${name} ${status} has no example`);
        }
      }
    }
  }
});

test('a client generated from the document walks the whole way, and a killed server loses nothing of it', async () => {
  await run(tool('openapi-typescript'), [join(made, 'openapi.json'), '-o', join(made, 'api.d.ts')]);
  await run('cp', [join(here, 'journey.ts'), made]);
  await run(tool('tsc'), [
    join(made, 'journey.ts'), '--outDir', made, '--strict', '--target', 'es2022', '--module', 'nodenext',
    '--moduleResolution', 'nodenext', '--skipLibCheck', '--types', 'node',
  ]).catch(failure => assert.fail(failure.stdout));
  const { journey } = await import(join(made, 'journey.js'));
  await journey(server, join(root, 'samples'));
});
