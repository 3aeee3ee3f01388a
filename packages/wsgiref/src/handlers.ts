export * from '@wsgiref/handlers';
