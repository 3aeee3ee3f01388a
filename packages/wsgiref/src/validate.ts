export * from '@wsgiref/validate';
