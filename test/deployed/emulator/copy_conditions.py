"""Gap: CopyObject ignores If-Match and If-None-Match at the destination, and overwrites.

AWS honours them, and they are what a small copy relies on instead of a lease."""

import threading

from ministack.services import s3

_copying = threading.RLock()


def install():
    stock = s3._copy_object

    def copy_object(bucket, key, headers):
        # Looking and copying are one step, as on AWS: two copies that race must not both find the key absent.
        with _copying:
            found = s3._ensure_bucket(bucket)
            if found is not None:
                refused = s3._check_put_preconditions(headers, found.get("objects", {}).get(key))
                if refused:
                    return refused
            return stock(bucket, key, headers)

    s3._copy_object = copy_object
