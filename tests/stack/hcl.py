"""Prints HCL (Terraform's language) from standard input as JSON: blocks as lists, expressions as `${…}`."""

import json
import sys

import hcl2
from hcl2 import SerializationOptions

PLAIN = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)
print(json.dumps(hcl2.loads(sys.stdin.read(), serialization_options=PLAIN)))
