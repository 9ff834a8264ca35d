// The real program on a folder of its own, for a test to start, kill and start again.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const root = resolve(import.meta.dirname, '../..');
const host = join(root, 'src/Host/bin/Release/net10.0/EventFiles.Host.dll');

export class Server {
  static async start() {
    const server = new Server();
    server.data = await mkdtemp(join(tmpdir(), 'eventfiles-clients-'));
    await server.launch('http://127.0.0.1:0');
    return server;
  }

  async launch(urls) {
    this.process = spawn('dotnet', [host, 'serve', '--urls', urls, '--data', this.data], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: this.process.stdout })) {
      if (line.startsWith('Page: ')) {
        this.url = line.slice('Page: '.length).replace(/\/$/, '');
        return;
      }
    }
    throw new Error('the server did not start');
  }

  /** SIGKILL, and the same address again, as a supervisor would do it. */
  async killAndRestart() {
    await this.end('SIGKILL');
    await this.launch(this.url);
  }

  async stop() {
    await this.end('SIGTERM');
    await rm(this.data, { recursive: true, force: true });
  }

  end(signal) {
    const ended = new Promise(done => this.process.once('exit', done));
    this.process.kill(signal);
    return ended;
  }

  async post(path, body, headers = {}) {
    const reply = await fetch(this.url + path, {
      method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body),
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
