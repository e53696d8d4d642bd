"""In place of the AWS CLI, which is large: the calls of S3 that Tidemark prints for people, by the same library and the same query language.
An argument that is not known ends it."""

import argparse
import json

import boto3
import jmespath

GET, PUT = "get-bucket-notification-configuration", "put-bucket-notification-configuration"


def main():
    parser = argparse.ArgumentParser(prog="aws", allow_abbrev=False)
    parser.add_argument("service", choices=["s3api"])
    parser.add_argument("operation", choices=[GET, PUT])
    for option in ("--bucket", "--region"):
        parser.add_argument(option, required=True)
    parser.add_argument("--output", choices=["json"])
    parser.add_argument("--query", default="@")
    parser.add_argument("--notification-configuration", type=json.loads)
    given = parser.parse_args()
    s3 = boto3.client("s3", region_name=given.region)
    if given.operation == GET:
        found = s3.get_bucket_notification_configuration(Bucket=given.bucket)
        del found["ResponseMetadata"]
        print(json.dumps(jmespath.search(given.query, found)))
    else:
        s3.put_bucket_notification_configuration(Bucket=given.bucket, NotificationConfiguration=given.notification_configuration)


main()
