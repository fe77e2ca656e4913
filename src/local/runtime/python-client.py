"""The runtime interface client of Python functions on the local target.

Speaks the Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) and behaves as AWS's own client
(https://github.com/aws/aws-lambda-python-runtime-interface-client) does with one event at a time: how the handler is
found, what its context has, how results, errors and logs look. Like that one it does not stream.
Needs Python 3.8 and nothing beside it. What the target hands it besides: descriptor 3 takes framed log records, as
_LAMBDA_TELEMETRY_LOG_FD does on AWS, and descriptor 4 ends when the target does.
"""

import decimal
import http.client
import importlib
import io
import json
import logging
import math
import os
import re
import resource
import signal
import struct
import sys
import threading
import time
import traceback

LIFELINE = 4
LOG_FRAME = 0xA55A0003
BOUNDARY_FRAME = 0xC0DE0001
API = "/2018-06-01/runtime/"
OWN_FILE = os.path.abspath(__file__)


class Telemetry(io.RawIOBase):
    """Log records as frames: type, length, time in microseconds, message. What is printed becomes one record a line."""

    def __init__(self, descriptor):
        super().__init__()
        self.descriptor = descriptor
        self.rest = b""

    def frame(self, kind, message):
        data = struct.pack(">IIQ", kind, len(message), int(time.time() * 1e6)) + message
        while data:
            data = data[os.write(self.descriptor, data):]

    def record(self, text):
        self.finish_line()
        self.frame(LOG_FRAME, text.encode("utf-8", "replace"))

    def finish_line(self):
        if self.rest:
            rest, self.rest = self.rest, b""
            self.frame(LOG_FRAME, rest)

    def boundary(self):
        self.finish_line()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        kilobytes = peak // 1024 if sys.platform == "darwin" else peak
        self.frame(BOUNDARY_FRAME, json.dumps({"maxRssKb": kilobytes}).encode())

    def writable(self):
        return True

    def fileno(self):
        return 1  # for processes that the handler starts

    def write(self, data):
        lines = (self.rest + bytes(data)).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            self.frame(LOG_FRAME, line)
        return len(data)


class Fault(Exception):
    """What the client itself finds wrong."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.trace = trace


def load(handler):
    try:
        module, function = handler.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (handler, error))
    try:
        if module.split(".")[0] in sys.builtin_module_names:
            raise Fault("Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module)
        loaded = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module, error), trace)
    try:
        return getattr(loaded, function)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function, module))


class Record:
    """An object with some members of a JSON object; those it has not are None."""

    def __init__(self, names, values):
        for name in names:
            setattr(self, name, (values or {}).get(name))

    def __repr__(self):
        members = ",".join("%s=%s" % item for item in vars(self).items())
        return "%s([%s])" % (type(self).__name__, members)


class CognitoIdentity(Record):
    def __init__(self, values):
        super().__init__([], None)
        self.cognito_identity_id = (values or {}).get("cognitoIdentityId")
        self.cognito_identity_pool_id = (values or {}).get("cognitoIdentityPoolId")


class Client(Record):
    def __init__(self, values):
        names = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]
        super().__init__(names, values)


class ClientContext(Record):
    def __init__(self, values):
        super().__init__(["custom", "env", "client"], values)
        if self.client is not None:
            self.client = Client(self.client)


class LambdaContext:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.tenant_id = headers["Lambda-Runtime-Aws-Tenant-Id"]
        client_context = headers["Lambda-Runtime-Client-Context"]
        self.client_context = ClientContext(json.loads(client_context)) if client_context else None
        self.identity = CognitoIdentity(json.loads(headers["Lambda-Runtime-Cognito-Identity"] or "{}"))
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        members = ",".join("%s=%s" % item for item in vars(self).items() if not item[0].startswith("_"))
        return "LambdaContext([%s])" % members


class LogHandler(logging.Handler):
    def __init__(self, telemetry):
        super().__init__()
        self.telemetry = telemetry
        self.request_id = None

    def emit(self, record):
        record.aws_request_id = self.request_id or ""
        sys.stdout.flush()
        self.telemetry.record(self.format(record).rstrip("\n"))


TIME = "%Y-%m-%dT%H:%M:%S"
FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"


def time_of(seconds):
    return "%s.%03dZ" % (time.strftime(TIME, time.gmtime(seconds)), seconds % 1 * 1000)


class JsonFormatter(logging.Formatter):
    """https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html"""

    def format(self, record):
        members = {
            "timestamp": time_of(record.created),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            members["stackTrace"] = traceback.format_tb(record.exc_info[2])
            members["errorType"] = record.exc_info[0].__name__
            members["errorMessage"] = str(record.exc_info[1])
        members["requestId"] = record.aws_request_id
        if record.exc_info:
            members["location"] = "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
        usual = set(vars(logging.makeLogRecord({}))) | set(members) | {"aws_request_id"}
        members.update(item for item in vars(record).items() if item[0] not in usual)
        return json.dumps(members, ensure_ascii=False, default=str)


LEVELS = {"TRACE": logging.DEBUG}


def set_up_logging(telemetry):
    logging.Formatter.converter = time.gmtime
    handler = LogHandler(telemetry)
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
        handler.setFormatter(JsonFormatter())
        logging.getLogger().setLevel(LEVELS.get(level, level))
    else:
        handler.setFormatter(logging.Formatter(FORMAT, TIME))
    logging.getLogger().addHandler(handler)
    return handler


DECIMAL = "\\u0000decimal\\u0000"  # as JSON has it: no text of a handler looks like this by accident


def of_json(value):
    """What the encoder of JSON does not know: decimals keep their digits."""
    if isinstance(value, decimal.Decimal):
        return math.nan if value.is_nan() else json.loads('"%s"' % DECIMAL) + str(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def body_of(result):
    if isinstance(result, bytes):
        return result, "application/unknown"
    try:
        text = json.dumps(result, ensure_ascii=False, default=of_json)
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)
    return re.sub('"%s([^"]*)"' % re.escape(DECIMAL), r"\1", text).encode("utf-8"), "application/json"


def event_of(body):
    try:
        return json.loads(body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def error_of(error, request_id):
    """What a caller receives of an exception; frames of this file are not the handler's business."""
    if isinstance(error, Fault):
        kind, message, trace = error.kind, error.message, error.trace or []
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame.filename == OWN_FILE or frame.filename.startswith("<frozen importlib") for frame in frames]
        first = own.index(False) if False in own else 0
        kind, message, trace = type(error).__name__, str(error), traceback.format_list(frames[first:])
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def indented(line):
    """With spaces that CloudWatch Logs does not take away."""
    text = line.lstrip(" ")
    return "\u00a0" * (len(line) - len(text)) + text


def log_error(telemetry, error):
    sys.stdout.flush()
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        stamp = {"timestamp": time.strftime(TIME, time.gmtime()), "level": "ERROR"}
        telemetry.record(json.dumps({**stamp, **error}, ensure_ascii=False))
        return
    lines = ["[ERROR] %s: %s" % (error["errorType"], error["errorMessage"]), "Traceback (most recent call last):"]
    for element in error["stackTrace"]:
        lines += [indented(line) for line in element.splitlines()]
    telemetry.record("\n".join(lines))


class RuntimeApi:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address)

    def send(self, method, path, body=None, headers=None):
        self.connection.request(method, API + path, body, headers or {})
        response = self.connection.getresponse()
        content = response.read()
        if response.status >= 300:
            raise RuntimeError("The Runtime API answered %s to %s: %s" % (response.status, path, content))
        return response.headers, content

    def report(self, path, error):
        headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": error["errorType"]}
        self.send("POST", path, json.dumps(error, ensure_ascii=False).encode("utf-8"), headers)


def watch_lifeline():
    os.read(LIFELINE, 1)
    os.killpg(0, signal.SIGKILL)


def main():
    telemetry = Telemetry(int(os.environ.pop("_LAMBDA_TELEMETRY_LOG_FD")))
    sys.stdout = sys.stderr = io.TextIOWrapper(telemetry, "utf-8", "replace", write_through=True)
    threading.Thread(target=watch_lifeline, daemon=True).start()
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    log = set_up_logging(telemetry)
    try:
        handler = load(os.environ["_HANDLER"])
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        reported = error_of(error, "")
        log_error(telemetry, reported)
        api.report("init/error", reported)
        sys.exit(1)
    while True:
        sys.stdout.flush()
        telemetry.boundary()
        headers, body = api.send("GET", "invocation/next")
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        log.request_id = request_id
        os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"] or ""
        try:
            result, content_type = body_of(handler(event_of(body), LambdaContext(headers)))
        except Exception as error:
            reported = error_of(error, request_id)
            log_error(telemetry, reported)
            api.report("invocation/%s/error" % request_id, reported)
        else:
            path = "invocation/%s/response" % request_id
            api.send("POST", path, result, {"Content-Type": content_type})


if __name__ == "__main__":
    main()
