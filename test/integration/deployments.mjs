// The deployments of docs/deploying.md: what is printed there, with nothing replaced but the
// placeholders that the page names.

import { readFileSync } from 'node:fs';

const PAGE = new URL('../../docs/deploying.md', import.meta.url);

/**
 * The deployments, by heading: `### nginx, FastCGI`, its configuration in a block of the web server's
 * name, and the modules that `a2enmod` enables.
 */
export function readDeployments() {
  const [, ...sections] = readFileSync(PAGE, 'utf8').split(/^#{2,3} (?=.*$)/m);
  return sections.flatMap((section) => {
    const heading = section.slice(0, section.indexOf('\n'));
    const [, server, protocol] = /^(\S+), (\S+)$/.exec(heading) ?? [];
    if (server === undefined) return [];
    const blocks = [...section.matchAll(/^```(\S+)(?: (\S+))?\n([^]*?)^```$/gm)];
    const find = (language, tag) =>
      blocks.find(([, one, other]) => one === language && other === tag)?.[3] ?? null;
    const language = server.toLowerCase();
    const modules =
      find('sh')
        ?.match(/^a2enmod (.*)$/m)?.[1]
        .split(' ') ?? [];
    const started = find(language, 'started');
    const kept = find(language, 'kept');
    return [{ name: heading, server, protocol, config: find(language), started, kept, modules }];
  });
}

/**
 * Replaces the placeholders of the page.
 *
 * @param config a configuration of the page
 * @param values what to put in the places of 8080, 9000, /srv/app, /usr/bin/node and fcgiwrap's socket
 */
export function fillIn(config, { port, appPort, folder, node = process.execPath, fcgiwrap = '' }) {
  return config
    .replaceAll(/\b8080\b/g, String(port))
    .replaceAll(/\b9000\b/g, String(appPort))
    .replaceAll('/srv/app', folder)
    .replaceAll('/usr/bin/node', node)
    .replaceAll('/run/fcgiwrap.socket', fcgiwrap);
}
