// Real web servers, started with a configuration and stopped by process id.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';

/** Debian's packages, and a program that is there once one is installed. */
const PACKAGES = {
  apache2: '/usr/sbin/apache2',
  nginx: '/usr/sbin/nginx',
  lighttpd: '/usr/sbin/lighttpd',
  haproxy: '/usr/sbin/haproxy',
  fcgiwrap: '/usr/sbin/fcgiwrap',
};

/** Installs the web servers that are missing. */
export async function installWebServers() {
  const missing = Object.keys(PACKAGES).filter((name) => !existsSync(PACKAGES[name]));
  if (missing.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      `these tests need ${missing.join(', ')} of Debian: install them, or run the tests as root`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...args) => promisify(execFile)('apt-get', args, { env });
  await run('update', '-q');
  await run('install', '-qy', '--no-install-recommends', ...missing);
}

/** Who web servers run as; null where the tests may not decide. */
export function webUser() {
  if (process.getuid?.() !== 0) return null;
  const id = (kind) => Number(execFileSync('id', [kind, 'www-data']));
  return { uid: id('-u'), gid: id('-g') };
}

/** How each web server is started: what its configuration is put into, and the command. */
const STARTERS = {
  nginx(config, folder) {
    for (const params of ['fastcgi_params', 'scgi_params', 'uwsgi_params']) {
      writeFileSync(`${folder}/${params}`, readFileSync(`/etc/nginx/${params}`));
    }
    const temporary = ['client_body', 'proxy', 'fastcgi', 'scgi', 'uwsgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join('\n');
    const whole = `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events {}
http {
access_log off;
${temporary}
${config}
}
`;
    return [
      PACKAGES.nginx,
      ['-e', `${folder}/nginx.log`, '-c', write(folder, 'nginx.conf', whole)],
    ];
  },

  Apache(config, folder, modules) {
    // Debian's cgid.conf has a socket in it.
    mkdirSync(`${folder}/socks`, { mode: 0o777 });
    const loaded = ['mpm_event', 'authz_core', ...modules].flatMap((name) =>
      ['load', 'conf']
        .map((kind) => `/etc/apache2/mods-available/${name}.${kind}`)
        .filter((path) => existsSync(path))
        .map((path) => `Include ${path}`),
    );
    const user = webUser() ? 'User www-data\nGroup www-data\n' : '';
    const whole = `Define APACHE_RUN_DIR ${folder}
ServerRoot /etc/apache2
ServerName localhost
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/apache.log
${user}${loaded.join('\n')}
${config}`;
    const path = write(folder, 'apache.conf', whole);
    return [PACKAGES.apache2, ['-f', path, '-DFOREGROUND']];
  },

  lighttpd(config, folder) {
    const user = webUser() ? 'server.username = "www-data"\nserver.groupname = "www-data"\n' : '';
    const whole = `server.errorlog = "${folder}/lighttpd.log"\n${user}${config}`;
    return [PACKAGES.lighttpd, ['-D', '-f', write(folder, 'lighttpd.conf', whole)]];
  },

  HAProxy(config, folder) {
    const whole = `defaults
    timeout connect 5s
    timeout client 30s
    timeout server 30s
${config}`;
    return [PACKAGES.haproxy, ['-db', '-f', write(folder, 'haproxy.cfg', whole)]];
  },
};

/**
 * Starts a web server, and waits until it takes connections.
 *
 * @returns a function that stops it
 */
export async function startWebServer({ server, config, folder, port, modules = [] }) {
  const [command, args] = STARTERS[server](config, folder, modules);
  return startProcess(command, args, { port });
}

/** Starts fcgiwrap, as whoever the web servers run as. */
export async function startFcgiwrap(path) {
  // Nobody but its user writes to it otherwise.
  const script = `umask 000; exec ${PACKAGES.fcgiwrap} -s "unix:$1"`;
  return startProcess('/bin/sh', ['-c', script, 'sh', path], { path }, webUser() ?? {});
}

async function startProcess(command, args, address, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  let ended = null;
  const exit = once(child, 'exit').then(([code, signal]) => {
    ended = code ?? signal;
  });
  while (!(await canConnect(address))) {
    if (ended !== null) throw new Error(`${command} ended with ${ended}: ${output}`);
  }
  return async () => {
    child.kill('SIGTERM');
    await exit;
  };
}

/** Whether a server listens; if not, after a moment. */
function canConnect(address) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', ...address });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(resolve, 10, false));
  });
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function write(folder, name, text) {
  writeFileSync(`${folder}/${name}`, text);
  return `${folder}/${name}`;
}
