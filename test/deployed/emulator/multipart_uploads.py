"""Gaps of multipart uploads: CreateMultipartUpload loses the tags, and an upload that names no checksum gets none.

AWS keeps the tags, and a CRC64NVME of the full object, by which the copy of a large object is proven."""

import base64
import hashlib
import struct
import threading
import urllib.parse

from ministack.services import s3

_NAME = "CRC64NVME"
_BLOCK = 2**20
_known: dict[bytes, int] = {}
_completing = threading.local()


def install():
    _keep_tags()
    _complete()


def _keep_tags():
    stock = s3._create_multipart_upload

    def create(bucket, key, headers):
        before = set(s3._multipart_uploads.keys())
        answer = stock(bucket, key, headers)
        for upload in set(s3._multipart_uploads.keys()) - before:
            s3._multipart_uploads[upload]["tags"] = dict(urllib.parse.parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True))
        return answer

    s3._create_multipart_upload = create


def _complete():
    stock = s3._complete_multipart_upload
    record = s3._record_object_version

    def complete(bucket, key, body, query, headers=None):
        _completing.upload = s3._multipart_uploads.get(s3._qp(query, "uploadId"))
        _completing.checksum = None
        try:
            status, answered, text = stock(bucket, key, body, query, headers)
        finally:
            _completing.upload = None
        if _completing.checksum:
            named = f"<Checksum{_NAME}>{_completing.checksum}</Checksum{_NAME}><ChecksumType>FULL_OBJECT</ChecksumType>"
            text = text.replace(b"</CompleteMultipartUploadResult>", named.encode() + b"</CompleteMultipartUploadResult>")
        return status, answered, text

    # Called when the object is there and nobody was told of it yet.
    def record_version(bucket, key, prior, obj, data):
        upload = getattr(_completing, "upload", None)
        if upload is None:
            return record(bucket, key, prior, obj, data)
        if not obj.get("checksums"):
            _completing.checksum = base64.b64encode(struct.pack(">Q", crc64nvme(data))).decode()
            obj["checksums"] = {_NAME: _completing.checksum}
            obj["checksum_type"] = "FULL_OBJECT"
        version = record(bucket, key, prior, obj, data)
        if upload.get("tags"):
            s3._object_tags[(bucket, key, obj.get("version_id"))] = upload["tags"]
        return version

    s3._complete_multipart_upload = complete
    s3._record_object_version = record_version


def crc64nvme(data):
    """Of any bytes; fast only where blocks of a MiB repeat, since the emulator counts byte by byte."""
    whole = len(data) - len(data) % _BLOCK
    crc = None
    for start in range(0, whole, _BLOCK):
        block = _of_block(data[start : start + _BLOCK])
        crc = block if crc is None else _times(_APPEND_BLOCK, crc) ^ block
    rest = data[whole:]
    if crc is None:
        return s3._crc64nvme(rest)
    state = crc ^ s3._CRC64NVME_INIT
    for byte in rest:
        state = s3._CRC64NVME_TABLE[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state ^ s3._CRC64NVME_INIT


def _of_block(block):
    digest = hashlib.sha256(block).digest()
    if digest not in _known:
        _known[digest] = s3._crc64nvme(block)
    return _known[digest]


def _times(matrix, vector):
    product, row = 0, 0
    while vector:
        if vector & 1:
            product ^= matrix[row]
        vector >>= 1
        row += 1
    return product


def _append_zeros(doublings):
    """What appending 2 ** doublings zero bits does to a CRC, as a matrix over GF(2) (as zlib's crc32_combine)."""
    matrix = [s3._CRC64NVME_POLY] + [1 << bit for bit in range(63)]
    for _ in range(doublings):
        matrix = [_times(matrix, row) for row in matrix]
    return matrix


_APPEND_BLOCK = _append_zeros((8 * _BLOCK).bit_length() - 1)
