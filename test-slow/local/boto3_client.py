"""Asks the local target what boto3 and the AWS CLI ask of AWS; prints the answers as one JSON value."""
import json
import time

import boto3

lambda_ = boto3.client('lambda')
cloudformation = boto3.client('cloudformation')
logs = boto3.client('logs')
s3 = boto3.client('s3')

events = lambda_.invoke_with_response_stream(FunctionName='hello', LogType='Tail')['EventStream']
chunks, complete = b'', {}
for event in events:
    chunks += event.get('PayloadChunk', {}).get('Payload', b'')
    complete = event.get('InvokeComplete', complete)

s3.create_bucket(Bucket='from-python', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
s3.put_object(Bucket='from-python', Key='a b', Body=b'x' * 100_000)
s3.upload_fileobj(__import__('io').BytesIO(b'y' * 9_000_000), 'from-python', 'parts')
listed = s3.list_objects_v2(Bucket='from-python')['Contents']
s3.delete_objects(Bucket='from-python', Delete={'Objects': [{'Key': each['Key']} for each in listed]})

template = {'Resources': {'Group': {'Type': 'AWS::Logs::LogGroup', 'Properties': {'LogGroupName': 'python'}}}}
cloudformation.create_stack(StackName='Python', TemplateBody=json.dumps(template))
cloudformation.get_waiter('stack_create_complete').wait(StackName='Python', WaiterConfig={'Delay': 1})
cloudformation.delete_stack(StackName='Python')
try:
    cloudformation.describe_stacks(StackName='Python')
    gone = ''
except cloudformation.exceptions.ClientError as error:
    gone = str(error)


def tailed():
    """As `aws logs tail --follow` of AWS CLI 2 asks: page by page, then again from the newest time on, leaving out what is known."""
    arguments = {'logGroupName': '/aws/lambda/hello', 'interleaved': True, 'startTime': int((time.time() - 600) * 1000)}
    pages = logs.get_paginator('filter_log_events').paginate(**arguments, PaginationConfig={'PageSize': 2})
    events = [each for page in pages for each in page['events']]
    newest = max(each['timestamp'] for each in events)
    again = logs.filter_log_events(**{**arguments, 'startTime': newest})['events']
    known = {each['eventId'] for each in events}
    said = lambda those: sum('said hello' in each['message'] for each in those)
    return [said(events), len(known) == len(events), said(each for each in again if each['eventId'] not in known)]


time.sleep(0.2)
print(json.dumps({
    'streamed': chunks.decode(),
    'complete': sorted(complete),
    'function': lambda_.get_function(FunctionName='hello')['Configuration']['State'],
    'functions': sorted(each['FunctionName'] for each in lambda_.list_functions()['Functions']),
    'invoked': lambda_.invoke(FunctionName='hello')['Payload'].read().decode(),
    'stack': cloudformation.describe_stacks(StackName='Hello')['Stacks'][0]['StackStatus'],
    'statuses': [each['ResourceStatus'] for each in cloudformation.describe_stack_events(StackName='Hello')['StackEvents']][:1],
    'stacks': sorted({each['StackStatus'] for each in cloudformation.list_stacks()['StackSummaries']}),
    'objects': [[each['Key'], each['Size']] for each in listed],
    'gone': gone,
    'tailed': tailed(),
    'streams': len(logs.describe_log_streams(logGroupName='/aws/lambda/hello')['logStreams']),
    'logged': len(logs.filter_log_events(logGroupName='/aws/lambda/hello', filterPattern='"said hello"')['events']),
}))
