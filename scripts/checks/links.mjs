// Every relative link of the Markdown files leads to a file, and its anchor to a heading there.
// (What lies under test/ is made into pages elsewhere.)

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { listFiles, report, root } from '../workspace.mjs';

const complaints = [];
const anchors = new Map();

for (const path of listFiles('*.md', ':!test')) {
  const text = withoutCode(readFileSync(root + path, 'utf8'));
  for (const [, target] of text.matchAll(
    /\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)|^\[[^\]]+\]: (\S+)/gm,
  )) {
    if (target === undefined || /^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
    const [file, anchor] = target.split('#');
    const wanted = file === '' ? path : normalize(join(dirname(path), decodeURI(file)));
    if (!existsSync(root + wanted)) {
      complaints.push(`${path}: links to ${target}, but there is no ${wanted}`);
    } else if (anchor && wanted.endsWith('.md') && !anchorsOf(wanted).has(anchor)) {
      complaints.push(`${path}: links to ${target}, but ${wanted} has no heading for #${anchor}`);
    }
  }
}
report(complaints);

/** The anchors that a page's headings get when it is shown on the web. */
function anchorsOf(path) {
  if (!anchors.has(path)) {
    const found = new Set();
    const text = readFileSync(root + path, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
    for (const [, heading] of text.matchAll(/^#{1,6} +(.+?) *#* *$/gm)) {
      const slug = heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
        .replaceAll(' ', '-');
      let anchor = slug;
      for (let n = 1; found.has(anchor); n++) anchor = `${slug}-${n}`;
      found.add(anchor);
    }
    for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) found.add(id);
    anchors.set(path, found);
  }
  return anchors.get(path);
}

function withoutCode(text) {
  return text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
}
