// Asks the service worker, and reports to the server what has come back.

try {
  const controlled = new Promise((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', resolve);
  });
  await navigator.serviceWorker.register('/hosts/service-worker.mjs', {
    scope: '/',
    type: 'module',
  });
  if (!navigator.serviceWorker.controller) await controlled;
  await report(await ask());
} catch (error) {
  await report({ error: String(error) });
}

async function ask() {
  const environ = await fetch('/app/environ?a=%20b', {
    method: 'PUT',
    body: 'x',
    headers: { 'Content-Type': 'a/b', 'X-Name': 'v' },
  });
  const headers = await fetch('/app/headers');
  const echo = await fetch('/app/echo', { method: 'POST', body: 'one\ntwo\n' });
  const fail = await fetch('/app/fail');
  const noContent = await fetch('/app/no-content');
  const unknown = await fetch('/app/elsewhere');

  const broken = await fetch('/app/break-later');
  const brokenReader = broken.body.getReader();
  const { value } = await brokenReader.read();
  await fetch('/app/break-now');
  const brokenEnd = await brokenReader.read().then(
    () => 'complete',
    () => 'broken off',
  );

  const endless = (await fetch('/app/endless')).body.getReader();
  await endless.read();
  await endless.cancel();
  let seen = [];
  while (seen.length === 0) seen = await (await fetch('/app/seen')).json();

  return {
    environ: await environ.json(),
    headers: [
      headers.status,
      headers.statusText,
      headers.headers.get('x-name'),
      await headers.text(),
    ],
    echo: await echo.text(),
    fail: [fail.status, await fail.text()],
    noContent: [noContent.status, await noContent.text()],
    unknown: [unknown.status, await unknown.text()],
    broken: [new TextDecoder().decode(value), brokenEnd],
    seen,
  };
}

async function report(result) {
  await fetch('/report', { method: 'POST', body: JSON.stringify(result) });
}
