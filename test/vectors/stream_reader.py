"""A reader of the stream protocol in Python, standard library only, and the check that it agrees with the vectors.

Feed it the payload of each PayloadChunk of boto3's invoke_with_response_stream, or the body of an HTTP response:

    reader = NdjsonReader()
    for event in response["EventStream"]:
        if "PayloadChunk" in event:
            for chunk in reader.push(event["PayloadChunk"]["Payload"]):
                ...
    final = reader.finish()

Run `python3 test/vectors/stream_reader.py` to check it; docs/stream-protocol.md says what it does and why.
"""

import base64
import json
import pathlib
import sys


class StreamBroken(Exception):
    """The stream breaks the protocol; `kind` is one of the specification's names."""

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


class StreamTruncated(Exception):
    """The stream ended without saying that it is whole."""


class StreamFailed(Exception):
    """The function ended its stream with an error; `error` has its type, message and data."""

    def __init__(self, error):
        super().__init__(error["type"])
        self.error = error


class NdjsonReader:
    def __init__(self, completion="marker", version=None, max_line_bytes=8 * 1024 * 1024):
        self.marked = completion == "marker"
        self.version = version
        self.max_line_bytes = max_line_bytes
        self.rest = b""
        self.lines = 0
        self.chunks = 0
        self.end = None

    def push(self, piece):
        """The chunks that `piece` ends, as a generator: those before a broken line still come out."""
        *lines, self.rest = (self.rest + piece).split(b"\n")
        for line in lines:
            yield from self._line(line)
        self._bound(self.rest)

    def finish(self):
        """To be called at the end of the response. Gives the final value; None where there is none."""
        if not self.marked:
            raise RuntimeError("without markers, use last()")
        if self.rest:
            try:
                for _ in self._line(self.rest):
                    raise StreamBroken("after-end") if self.end is not None else StreamTruncated()
            except StreamBroken:
                if self.end is not None:
                    raise
        if self.end is None:
            raise StreamTruncated()
        return self.end.get("final")

    def last(self):
        """For streams without markers: the last line, where it has no line break."""
        if self.rest:
            yield from self._line(self.rest)

    def _bound(self, line):
        if len(line) > self.max_line_bytes:
            raise StreamBroken("too-long")

    def _line(self, line):
        self._bound(line)
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            raise StreamBroken("utf8")
        if self.lines == 0:
            text = text.removeprefix("\ufeff")
        self.lines += 1
        if text.strip(" \t\r") == "":
            return
        try:
            value = json.loads(text)
        except ValueError:
            raise StreamBroken("json")
        marker = self.marked and isinstance(value, dict) and "$stream" in value
        if self.end is not None:
            raise StreamBroken("after-end")
        if marker:
            self._marker(value)
        else:
            self.chunks += 1
            yield value

    def _marker(self, value):
        control = value["$stream"]
        if len(value) != 1 or not isinstance(control, dict) or len(control) != 1:
            raise StreamBroken("marker")
        ((name, body),) = control.items()
        if name not in ("start", "end", "error"):
            return
        if not isinstance(body, dict):
            raise StreamBroken("marker")
        if name == "start":
            theirs = body.get("version")
            if None not in (theirs, self.version) and theirs != self.version:
                raise StreamBroken("version")
        elif name == "error":
            if not isinstance(body.get("type"), str):
                raise StreamBroken("marker")
            raise StreamFailed(body)
        else:
            count = body.get("chunks", self.chunks)
            if isinstance(count, bool) or not isinstance(count, (int, float)):
                raise StreamBroken("marker")
            if count != self.chunks:
                raise StreamBroken("count")
            self.end = body


def read(case, pieces):
    """Chunks and outcome of one vector, in the vectors' own words."""
    completion = case.get("completion", "marker")
    reader = NdjsonReader(completion, case.get("version"), case.get("maxLineBytes", 8 * 1024 * 1024))
    chunks = []
    try:
        for piece in pieces:
            for chunk in reader.push(piece):
                chunks.append(chunk)
        if completion == "platform":
            chunks.extend(reader.last())
            return chunks, {"complete": True}
        reader.finish()
        final = {"final": reader.end["final"]} if "final" in reader.end else {}
        return chunks, {"complete": True, **final}
    except StreamFailed as failed:
        return chunks, {"error": failed.error}
    except StreamTruncated:
        return chunks, {"truncated": True}
    except StreamBroken as broken:
        return chunks, {"broken": broken.kind}


def main():
    path = pathlib.Path(__file__).with_name("stream-protocol.json")
    cases = [case for case in json.loads(path.read_text("utf-8"))["cases"] if case["format"] == "ndjson"]
    wrong = 0
    for case in cases:
        data = base64.b64decode(case["base64"]) if "base64" in case else case["utf8"].encode("utf-8")
        cuts = [[data], [data[i : i + 1] for i in range(len(data))]]
        cuts += [[data[:at], data[at:]] for at in range(1, len(data))]
        for pieces in cuts:
            got = read(case, pieces)
            if got != (case["chunks"], case["outcome"]):
                wrong += 1
                print(f"{case['name']}: expected {case['outcome']}, got {got}")
                break
    print(f"{len(cases)} cases, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
