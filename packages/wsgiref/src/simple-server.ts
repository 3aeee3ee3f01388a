export * from '@wsgiref/simple-server';
