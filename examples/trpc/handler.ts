import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { webHandler } from 'cdk-lambda-streaming/web';
import { api } from './router';

export const handler = webHandler((req) => fetchRequestHandler({ endpoint: '/trpc', req, router: api }));
