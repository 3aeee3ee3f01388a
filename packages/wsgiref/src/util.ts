export * from '@wsgiref/util';
