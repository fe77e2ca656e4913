import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';

try {
  await streamInvoker(streamContract({ format: 'text' }), { functionName: 'orders' }).invoke({});
  process.exit(1);
} catch (error) {
  console.log(error.message);
}
