"""A provider of OpenID Connect on this machine: oidc-provider-mock, which makes codes, tokens and keys, and before it what
it does not check: PKCE (RFC 7636), the client's secret or its signed assertion (RFC 7523), and what is asked when people
sign out (OpenID Connect RP-Initiated Logout 1.0). Ends with its standard input.

usage: openid_provider.py PORT CLIENT SECRET|@KEYS CLAIMS…   (KEYS: a file with the client's JSON Web Key Set, read each time
anew; CLAIMS: a JSON object for each person)
"""
import base64
import hashlib
import io
import json
import sys
import threading
import time
import urllib.parse

import oidc_provider_mock
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from oidc_provider_mock._storage import User
from werkzeug.serving import make_server
from werkzeug.test import Client

port, client, proof = int(sys.argv[1]), sys.argv[2], sys.argv[3]
people = [json.loads(text) for text in sys.argv[4:]]
users = [User(sub=claims.pop("sub"), claims=claims) for claims in people]
provider = oidc_provider_mock.app(require_nonce=True, user_claims=users)
origin = f"http://127.0.0.1:{port}"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS512", "ES256"]
challenges = {}
seen = set()
SESSION = "provider-session"


def refuse(start, words):
    print("refused:", words, file=sys.stderr, flush=True)
    start("400 Bad Request", [("Content-Type", "application/json")])
    return [json.dumps({"error": "invalid_request", "error_description": words}).encode()]


def signed(form):
    """What is wrong with the client's assertion (RFC 7523, 3); None where nothing is."""
    if form.get("client_assertion_type") != ASSERTION or "client_secret" in form:
        return "an assertion of the client, and nothing else, is demanded"
    with open(proof[1:], encoding="utf-8") as file:
        keys = KeySet.import_key_set(json.load(file))
    try:
        token = jwt.decode(form["client_assertion"], keys, algorithms=ALGORITHMS)
    except (JoseError, ValueError) as error:
        return f"the assertion is not signed by a key that is registered: {type(error).__name__}"
    if token.header.get("kid") not in [key.kid for key in keys.keys]:
        return "the assertion names no key that is registered"
    claims, now = token.claims, time.time()
    if (claims.get("iss"), claims.get("sub"), claims.get("aud")) != (client, client, f"{origin}/oauth2/token"):
        return "the assertion is of another, or for another"
    if not now < claims.get("exp", 0) <= now + 300:
        return "the assertion has expired, or is good for more than five minutes"
    if not claims.get("jti") or claims["jti"] in seen:
        return "the assertion was used before"
    seen.add(claims["jti"])
    return None


def known(environ, form):
    """What is wrong with how the client shows who it is; None where nothing is."""
    if proof.startswith("@"):
        return signed(form)
    pair = base64.b64encode(f"{client}:{urllib.parse.quote(proof, safe='')}".encode()).decode()
    right = environ.get("HTTP_AUTHORIZATION") == f"Basic {pair}"
    return None if right and "client_assertion" not in form else "the client's secret is another"


def described(start):
    body = Client(provider).get("/.well-known/openid-configuration", base_url=origin).json
    way = "private_key_jwt" if proof.startswith("@") else "client_secret_basic"
    body["token_endpoint_auth_methods_supported"] = [way]
    body["token_endpoint_auth_signing_alg_values_supported"] = ALGORITHMS
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


def leaving(form, asked):
    """What is wrong with how somebody is signed out; None where nothing is."""
    if asked:
        return "a token stands in an address"
    keys = KeySet.import_key_set(Client(provider).get("/jwks", base_url=origin).json)
    try:
        hint = jwt.decode(form.get("id_token_hint", ""), keys, algorithms=["RS256"])
    except (JoseError, ValueError) as error:
        return f"the hint is no token of this provider: {type(error).__name__}"
    if hint.claims.get("aud") not in (client, [client]) or form.get("client_id") != client:
        return "the hint is of another client"
    back = urllib.parse.urlparse(form.get("post_logout_redirect_uri", ""))
    if (back.scheme, back.hostname, back.path, back.query) != ("https", "localhost", "/signed-out", ""):
        return "nobody is sent back there"
    return None if form.get("state") else "no state"


def body_of(environ):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return dict(urllib.parse.parse_qsl(body.decode()))


def guarded(environ, start):
    query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
    path = environ["PATH_INFO"]
    if path == "/.well-known/openid-configuration":
        return described(start)
    if path == "/oauth2/authorize":
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            return refuse(start, "PKCE with S256 is demanded")

        def remember(status, headers, *rest):
            place = dict(headers).get("Location", "")
            code = urllib.parse.parse_qs(urllib.parse.urlparse(place).query).get("code")
            if code:
                challenges[code[0]] = query["code_challenge"]
                headers = [*headers, ("Set-Cookie", f"{SESSION}=1; Path=/; HttpOnly")]
            return start(status, headers, *rest)

        return provider(environ, remember)
    if path == "/oauth2/token":
        form = body_of(environ)
        fault = known(environ, form)
        if fault:
            return refuse(start, fault)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenges.pop(form.get("code"), None) != shown:
            return refuse(start, "the verifier is not of the challenge")
        # What comes after knows secrets only, and takes any.
        environ["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(f"{client}:shown".encode()).decode()
    if path == "/oauth2/end_session":
        fault = leaving(body_of(environ), query)
        if fault:
            return refuse(start, fault)
    if path == "/oauth2/end_session/confirm":

        def forget(status, headers, *rest):
            return start(status, [*headers, ("Set-Cookie", f"{SESSION}=; Path=/; Max-Age=0")], *rest)

        return provider(environ, forget)
    return provider(environ, start)


server = make_server("127.0.0.1", port, guarded, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
