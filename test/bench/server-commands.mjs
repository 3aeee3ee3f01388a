// The servers that are measured, and their competitors. Each is a command: it listens on 127.0.0.1,
// prints its URL as its first line, and ends when its standard input does.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const script = (name) => fileURLToPath(new URL(`servers/${name}`, import.meta.url));

/** One of this project's own scripts, in Node. */
export const inNode = (title, name, ...options) => ({
  title,
  command: [process.execPath, script(name), ...options],
});

/** This project's server; the access log is off, as it is in every other server here. */
export const ours = (...options) => inNode('wsgiref (this)', 'wsgiref.mjs', ...options);

export const ours11 = (...options) => ours('--protocol', 'HTTP/1.1', ...options);

export const nodeHttp = (...options) => inNode('node:http', 'node-http.mjs', ...options);

export const bare = inNode('bare node:net', 'bare.mjs');

export const bareClosing = inNode('bare node:net, closing', 'bare.mjs', '--close');

export const frameworks = [
  inNode('fastify', 'framework.mjs', 'fastify'),
  inNode('express', 'framework.mjs', 'express'),
  inNode('hono on @hono/node-server', 'framework.mjs', 'hono'),
  inNode('srvx', 'framework.mjs', 'srvx'),
];

/** A script in Python; `workers` says that processes of its own do the work. */
const inPython = (title, name, module, hint, workers = false) => {
  const python = findPython(module);
  return {
    title,
    command: [python ?? 'python3', script(name)],
    missing: () => (python === null ? hint : null),
    workers,
  };
};

export const cpython = inPython(
  "CPython's wsgiref",
  'cpython.py',
  'wsgiref',
  'there is no python3',
);

export const cpythonCGI = inPython("CPython's wsgiref", 'cgi.py', 'wsgiref', 'there is no python3');

export const waitress = inPython(
  'waitress',
  'on_waitress.py',
  'waitress',
  'apt-get install python3-waitress',
);

export const gunicorn = inPython(
  "gunicorn's sync worker",
  'on_gunicorn.py',
  'gunicorn',
  'apt-get install gunicorn',
  true,
);

export const werkzeug = inPython(
  "Werkzeug's development server",
  'on_werkzeug.py',
  'flask',
  'apt-get install python3-flask',
);

/** The same Flask project in Pyodide, with the packages of Debian. */
export const flask = {
  ...inNode('@wsgiref/python (this)', 'flask.mjs'),
  missing: () =>
    existsSync('/usr/lib/python3/dist-packages/flask') ? null : 'apt-get install python3-flask',
};

/** An application behind nginx; both are kept to one core. */
export const behindNginx = (title, protocol, ...options) => ({
  ...inNode(title, 'behind-nginx.mjs', protocol, ...options),
  missing: () => (existsSync('/usr/sbin/nginx') ? null : 'there is no nginx'),
});

/** The first Python that has a module: one's own, or the system's, for which Debian's packages are. */
function findPython(module) {
  const has = (python) => spawnSync(python, ['-c', `import ${module}`]).status === 0;
  return ['python3', '/usr/bin/python3'].find(has) ?? null;
}

/** The versions of Python that run some servers, such as `Python 3.13.0`. */
export function pythonVersions(servers) {
  const pythons = servers
    .filter(({ command, missing }) => /python3$/.test(command[0]) && missing() === null)
    .map(({ command }) => command[0]);
  const version = (python) => spawnSync(python, ['--version'], { encoding: 'utf8' }).stdout.trim();
  return [...new Set([...new Set(pythons)].map(version))];
}
