"""Wyoming speech servers of Jonh."""

import os

__version__ = "0.1.0"

# From version 1.31 on, onnxruntime writes a device id and reports to its maker unless it is told
# not to before it is imported; nothing leaves the house unasked.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
