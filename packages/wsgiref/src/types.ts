export * from '@wsgiref/types';
