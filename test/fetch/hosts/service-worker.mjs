/* global addEventListener, clients, skipWaiting */
// The application in a service worker, which answers for everything under /app.

import { toFetchHandler } from '@wsgiref/fetch';
import { application } from './application.mjs';

const handler = toFetchHandler(application, { scriptName: '/app' });

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (new URL(event.request.url).pathname.startsWith('/app/')) {
    event.respondWith(handler(event.request));
  }
});
