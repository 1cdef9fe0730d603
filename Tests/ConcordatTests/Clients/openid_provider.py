"""A provider of OpenID Connect on this machine: oidc-provider-mock, which makes codes, tokens and keys, and PKCE
before it, which it does not check (RFC 7636). Ends with its standard input.

usage: openid_provider.py PORT CLAIMS…   (a JSON object for each person)
"""
import base64
import hashlib
import io
import json
import sys
import threading
import urllib.parse

import oidc_provider_mock
from oidc_provider_mock._storage import User
from werkzeug.serving import make_server

port, people = int(sys.argv[1]), [json.loads(text) for text in sys.argv[2:]]
users = [User(sub=claims.pop("sub"), claims=claims) for claims in people]
provider = oidc_provider_mock.app(require_nonce=True, user_claims=users)
challenges = {}


def refuse(start, words):
    start("400 Bad Request", [("Content-Type", "application/json")])
    return [json.dumps({"error": "invalid_request", "error_description": words}).encode()]


def guarded(environ, start):
    query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
    path = environ["PATH_INFO"]
    if path == "/oauth2/authorize":
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            return refuse(start, "PKCE with S256 is demanded")

        def remember(status, headers, *rest):
            place = dict(headers).get("Location", "")
            code = urllib.parse.parse_qs(urllib.parse.urlparse(place).query).get("code")
            if code:
                challenges[code[0]] = query["code_challenge"]
            return start(status, headers, *rest)

        return provider(environ, remember)
    if path == "/oauth2/token":
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        form = dict(urllib.parse.parse_qsl(body.decode()))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenges.pop(form.get("code"), None) != shown:
            return refuse(start, "the verifier is not of the challenge")
        environ["wsgi.input"] = io.BytesIO(body)
    return provider(environ, start)


server = make_server("127.0.0.1", port, guarded, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
