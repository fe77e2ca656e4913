const { App, Stack } = require('aws-cdk-lib');
const { Code } = require('aws-cdk-lib/aws-lambda');
const { StreamingFunction } = require('cdk-lambda-streaming');

const stack = new Stack(new App(), 'Stack');
new StreamingFunction(stack, 'Function', { code: Code.fromInline('exports.handler = 1'), handler: 'index.handler' });
console.log('root ok');
