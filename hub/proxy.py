"""The proxy that every request passes: PyPI's configurable-http-proxy, as a child of the hub.

`python -m hub.proxy LOG ...`; what follows the log file is for the proxy itself.
"""

import sys
from pathlib import Path

from configurable_http_proxy.cli import main

from hub.child import settle

if __name__ == "__main__":
    settle(Path(sys.argv.pop(1)))
    main()
