import { webHandler } from 'cdk-lambda-streaming/web';
import { mcp } from './server';

export const handler = webHandler(mcp);
