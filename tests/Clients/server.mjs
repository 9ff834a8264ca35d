// The real program on a folder of its own, for a test to start, kill and start again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const root = resolve(import.meta.dirname, '../..');
const host = join(root, 'src/Host/bin/Release/net10.0/EventFiles.Host.dll');

/** Asks again until it is so; a minute is enough on any machine. */
export async function until(what, isSo) {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise(done => setTimeout(done, 50))) {
    const seen = await isSo();
    if (seen) return seen;
  }
  throw new Error(`Waited a minute in vain: ${what}`);
}

/** Starts or ends real servers of our own. They outlive the script: nobody may wait for the end of what they write. */
async function servers(what, env, ...more) {
  const [code] = await once(spawn(join(root, 'eng/servers'), [what, '--env', env, ...more], { stdio: 'ignore' }), 'exit');
  if (code !== 0) throw new Error(`eng/servers ${what} ended with ${code}`);
}

export class Server {
  /** @param {{ isBucket?: boolean }} [where] its objects are in a bucket of an S3 server, and not in its folder */
  static async start({ isBucket = false } = {}) {
    const server = new Server();
    server.data = await mkdtemp(join(tmpdir(), 'eventfiles-clients-'));
    if (isBucket) {
      server.env = join(server.data, 'env');
      await servers('up', server.env, '--only', 'postgres,s3');
    }
    await server.launch('http://127.0.0.1:0');
    return server;
  }

  async launch(urls) {
    this.process = spawn('dotnet', [host, 'serve', '--urls', urls, '--data', join(this.data, 'node'), ...this.env ? ['--env-file', this.env] : []], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: this.process.stdout })) {
      if (line.startsWith('Page: ')) {
        this.url = line.slice('Page: '.length).replace(/\/$/, '');
        return;
      }
    }
    throw new Error('the server did not start');
  }

  /** SIGKILL: nothing in the program gets to say goodbye. */
  kill() {
    return this.end('SIGKILL');
  }

  /** On the same folder and at the same address, as a supervisor would do it. */
  restart() {
    return this.launch(this.url);
  }

  async stop() {
    await this.end('SIGTERM');
    if (this.env) await servers('down', this.env);
    await rm(this.data, { recursive: true, force: true });
  }

  end(signal) {
    const ended = new Promise(done => this.process.once('exit', done));
    this.process.kill(signal);
    return ended;
  }

  async post(path, body, headers = {}) {
    const reply = await fetch(this.url + path, {
      method: 'POST', headers: { 'Content-Type': 'application/json', Prefer: 'wait=60', ...headers }, body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  }

  /** A new account's access token. */
  async register(email) {
    const password = 'correct horse battery';
    await this.post('/api/auth/register', { email, password, displayName: 'Somebody' });
    return (await this.post('/api/auth/login', { email, password })).accessToken;
  }
}
