# Asks the local target what paws asks of AWS; prints the answers as one JSON value.
# Usage: Rscript paws_client.R GUIDE.R FILE: what the guide in docs/ has for R, and a file that is made when the first chunk is there.
arguments <- commandArgs(TRUE)
printed <- paste(capture.output(source(arguments[1])), collapse = "\n")

credentials <- function(prefix) {
  of <- function(name) Sys.getenv(paste0(prefix, name))
  list(creds = list(
    access_key_id = of("ACCESS_KEY_ID"), secret_access_key = of("SECRET_ACCESS_KEY"), session_token = of("SESSION_TOKEN")))
}
client <- function(prefix) {
  paws.compute::lambda(config = list(
    endpoint = Sys.getenv("AWS_ENDPOINT_URL"), region = Sys.getenv("AWS_REGION"), credentials = credentials(prefix)))
}
svc <- client("AWS_")

# All that the answer to a call has, or the words of its refusal.
told <- function(..., on_chunk = function() NULL, by = svc) {
  tryCatch({
    answer <- by$invoke_with_response_stream(...)
    bytes <- raw()
    last <- list()
    each_event(answer, function(event) {
      if (is.raw(event$PayloadChunk$Payload)) {
        bytes <<- c(bytes, event$PayloadChunk$Payload)
        on_chunk()
      } else last <<- Filter(length, event$InvokeComplete)
    })
    if (!is.null(last$LogResult)) {
      log <- rawToChar(base64enc::base64decode(last$LogResult))
      last$LogResult <- paste(regmatches(log, gregexpr("said [a-z]+|Invoke Error", log))[[1]], collapse = ", ")
    }
    list(status = answer$StatusCode, version = answer$ExecutedVersion, type = answer$ResponseStreamContentType,
      bytes = rawToChar(bytes), complete = last)
  }, paws_error = function(refused) list(refused = conditionMessage(refused), status = refused$status_code))
}

cat(jsonlite::toJSON(auto_unbox = TRUE, list(
  guide = printed,
  live = told(FunctionName = "hello", InvocationType = "RequestResponse", LogType = "Tail",
    Payload = charToRaw(as.character(jsonlite::toJSON(list(until = arguments[2]), auto_unbox = TRUE))),
    on_chunk = function() file.create(arguments[2])),
  context = told(FunctionName = "hello", LogType = "None", Qualifier = "live",
    ClientContext = base64enc::base64encode(charToRaw('{"custom":{"word":"R"}}'))),
  failing = told(FunctionName = "hello", LogType = "Tail", Payload = '{"fail":true}'),
  dry = told(FunctionName = "hello", InvocationType = "DryRun"),
  nobody = told(FunctionName = "nobody"),
  outsider = told(FunctionName = "hello", by = client("OUTSIDER_")),
  buffered = rawToChar(svc$invoke(FunctionName = "hello")$Payload))))
