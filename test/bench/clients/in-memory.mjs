// Times requests to an application in memory: no socket, and no process but this one. Its arguments
// are the subject, the seconds to go on, and those before them, in which the compiler finds out what
// is hot. Its output is how much processor time they took, which other processes disturb less than
// they disturb the clock.

import { SimpleHandler } from '@wsgiref/handlers';
import { demoApp } from '@wsgiref/simple-server';
import { BytesIO, setupTestingDefaults, StringIO } from '@wsgiref/util';
import { validator } from '@wsgiref/validate';

const subjects = { demoApp, 'validator(demoApp)': validator(demoApp) };

/** Requests between two looks at the clock. */
const BATCH = 100;

let sent = 0;
const stdout = {
  write(data) {
    sent += data.length;
  },
  flush() {},
};

async function serve(application) {
  const environ = { SERVER_PROTOCOL: 'HTTP/1.0', QUERY_STRING: '' };
  setupTestingDefaults(environ);
  const stderr = new StringIO();
  await new SimpleHandler(new BytesIO(), stdout, stderr, environ).run(application);
  if (stderr.getvalue() !== '') throw new Error(stderr.getvalue());
}

async function go(application, seconds) {
  const end = performance.now() + seconds * 1000;
  const before = process.cpuUsage();
  for (let requests = 0; ;) {
    for (let i = 0; i < BATCH; i++) await serve(application);
    requests += BATCH;
    if (performance.now() < end) continue;
    const { user, system } = process.cpuUsage(before);
    return { requests, microseconds: user + system };
  }
}

const [name, seconds, warmUp] = process.argv.slice(2);
const application = subjects[name];
if (!application) throw new Error(`no subject ${name}: there are ${Object.keys(subjects)}`);
await go(application, Number(warmUp));
const result = await go(application, Number(seconds));
if (sent === 0) throw new Error('nothing was sent');
process.stdout.write(JSON.stringify(result));
