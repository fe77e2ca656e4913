import { conformanceApp } from 'cdk-lambda-streaming/testing';
import { webHandler } from 'cdk-lambda-streaming/web';

export const handler = webHandler(conformanceApp);
