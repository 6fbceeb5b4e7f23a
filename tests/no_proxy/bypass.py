"""Which hosts Python goes to without a proxy.

Reads lines of a list, a URL and a host with its port, with tabs between them. Answers each with two words: whether
urllib and whether requests pass the proxy by, 1 or 0.
"""

import sys
import urllib.request

import requests.utils

for line in sys.stdin:
    exceptions, url, host = line.rstrip("\n").split("\t")
    in_urllib = urllib.request.proxy_bypass_environment(host, {"no": exceptions})
    in_requests = requests.utils.should_bypass_proxies(url, exceptions)
    print(int(bool(in_urllib)), int(bool(in_requests)))
