export * from '@wsgiref/headers';
