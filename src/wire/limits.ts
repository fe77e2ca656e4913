/**
 * Every quota the package checks or explains, once, with its unit and its source.
 * Values marked "our choice" have no AWS counterpart; they bound memory.
 */

/**
 * Longest bare function name, in characters.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
export const FUNCTION_NAME_MAX_LENGTH = 64;

/**
 * Longest `FunctionName` request parameter (name, partial ARN or ARN, with or without a qualifier), in characters.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export const FUNCTION_NAME_PARAMETER_MAX_LENGTH = 256;

/**
 * Longest `Qualifier`, in characters.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export const QUALIFIER_MAX_LENGTH = 128;

/**
 * Longest `X-Amz-Client-Context` header, in bytes of its base64 text: 2,685 bytes of JSON fit.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export const CLIENT_CONTEXT_MAX_BASE64_BYTES = 3583;

/**
 * Largest request payload of a synchronous invoke, in bytes; the documentation says 6 MB, the service's refusal gives this number.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const REQUEST_PAYLOAD_MAX_BYTES = 6_291_456;

/**
 * Largest request payload of an asynchronous invoke, in bytes (1 MB).
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const ASYNC_REQUEST_PAYLOAD_MAX_BYTES = 1_048_576;

/**
 * Largest response of a buffered invoke, in bytes; the documentation says 6 MB, the service's refusal gives this number, 100 bytes above the request's.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const BUFFERED_RESPONSE_MAX_BYTES = 6_291_556;

/**
 * Largest streamed response, in bytes (200 MiB). Lambda cuts what exceeds it, one byte past this number, without an error.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export const STREAMED_RESPONSE_MAX_BYTES = 209_715_200;

/**
 * Part of a streamed response that Lambda sends without a bandwidth cap, in bytes.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export const UNCAPPED_RESPONSE_BYTES = 6_291_456;

/**
 * Bandwidth of a streamed response after its uncapped part, in bytes per second.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export const CAPPED_RESPONSE_BYTES_PER_SECOND = 2_097_152;

/**
 * Log text that `LogType: Tail` returns, in bytes before base64.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export const LOG_TAIL_MAX_BYTES = 4096;

/**
 * Longest function timeout, in seconds.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const FUNCTION_TIMEOUT_MAX_SECONDS = 900;

/**
 * Time after which Lambda ends a function that says nothing of a timeout, in seconds.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
 */
export const FUNCTION_TIMEOUT_DEFAULT_SECONDS = 3;

/**
 * Longest resource-based policy of one function, alias or version, in bytes.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const RESOURCE_POLICY_MAX_BYTES = 20_480;

/**
 * Least and most memory of a function, in MiB.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const FUNCTION_MEMORY_MIN_MIB = 128;
export const FUNCTION_MEMORY_MAX_MIB = 10_240;

/**
 * All environment variables of a function together, in bytes of keys and values.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const ENVIRONMENT_MAX_BYTES = 4096;

/**
 * Largest unpacked code of a function with its layers, in bytes (250 MiB).
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const UNPACKED_CODE_MAX_BYTES = 262_144_000;

/**
 * Longest integration timeout of an API Gateway REST API in `STREAM` mode, in seconds.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
export const API_GATEWAY_STREAM_MAX_SECONDS = 900;

/**
 * Silence after which API Gateway ends a stream on a regional or private endpoint, in seconds.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
export const API_GATEWAY_REGIONAL_IDLE_SECONDS = 300;

/**
 * Silence after which API Gateway ends a stream on an edge-optimized endpoint, in seconds.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
export const API_GATEWAY_EDGE_IDLE_SECONDS = 30;

/**
 * Integration timeout API Gateway applies where none is set, in milliseconds.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
export const API_GATEWAY_DEFAULT_TIMEOUT_MS = 29_000;

/**
 * Largest body of a request to API Gateway, and of a response that it collects first, in bytes (10 MB).
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
export const API_GATEWAY_PAYLOAD_MAX_BYTES = 10_485_760;

/**
 * Bytes by which API Gateway must have seen the HTTP prelude and its delimiter.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export const HTTP_PRELUDE_MAX_BYTES = 16_384;

/**
 * Longest time CloudFront can be set to wait for an origin's first byte and between packets, without a quota increase, in
 * seconds; 30 where it is not set.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
 */
export const CLOUDFRONT_READ_TIMEOUT_MAX_SECONDS = 120;

/** Largest event-stream frame a decoder accepts, in bytes. Our choice: AWS documents none, and observed frames hold about 25 KB. */
export const FRAME_MAX_BYTES = 25_165_824;

/** Longest NDJSON line or SSE event a decoder accepts by default, in bytes (8 MiB). Our choice. */
export const LINE_MAX_BYTES = 8_388_608;

/**
 * Most resources of one template.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const TEMPLATE_RESOURCES_MAX = 500;

/**
 * Most parameters of one template; most outputs and most mappings, too.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const TEMPLATE_PARAMETERS_MAX = 200;

/**
 * Largest template in the body of a request, in bytes.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const TEMPLATE_BODY_MAX_BYTES = 51_200;

/**
 * Largest template in a bucket, in bytes; the documentation says 1 MB, the service's refusal gives this number.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const TEMPLATE_OBJECT_MAX_BYTES = 1_000_000;
