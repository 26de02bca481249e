"""Secrets in text: each form is masked, ordinary text is not, and no text takes for ever."""

import json
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.masking import mask_secrets
from tests.dummy_secrets import (
    CONNECTION_STRING,
    ERRORS,
    JWT,
    KEY,
    PRIVATE_KEY,
    RANDOM,
    SLACK_PATH,
    WEBHOOK,
    WORD,
)

GITHUB = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_")
SLACK = ("xoxb-", "xoxp-", "xoxa-", "xoxe.xoxp-", "xapp-1-A0-")

MASKED = {
    # Connection strings.
    CONNECTION_STRING: CONNECTION_STRING.replace(KEY, "***"),
    f"accountkey = {KEY} ; x": "accountkey = *** ; x",
    f"SharedAccessKeyName=Root;SharedAccessKey={KEY};EntityPath=q": (
        "SharedAccessKeyName=Root;SharedAccessKey=***;EntityPath=q"
    ),
    f"SharedAccessSignature=sv=1&sig={WORD}%2B;X=1": "SharedAccessSignature=***&sig=***;X=1",
    f"SharedAccessSignature='sv=1&sig={WORD}'": "SharedAccessSignature='***'",
    f"Server=x;Uid=me;Pwd={WORD};x;Encrypt=yes": "Server=x;Uid=me;Pwd=***;Encrypt=yes",
    # Headers.
    f"Authorization: Bearer {JWT}": "Authorization: Bearer ***",
    f"X-Esri-Authorization: Bearer {WORD}": "X-Esri-Authorization: Bearer ***",
    f"Proxy-Authorization: Basic {WORD}": "Proxy-Authorization: Basic ***",
    f"Authorization: SharedKey ddrc:{WORD}==": "Authorization: SharedKey ***",
    f"Authorization: {WORD}": "Authorization: ***",
    f'Authorization: Snowflake Token="{WORD}"': 'Authorization: Snowflake Token="***"',
    f"{{'Authorization': 'Bearer {WORD}'}}": "{'Authorization': '***'}",
    f"{{b'Authorization': b'Basic {WORD}'}}": "{b'Authorization': '***'}",
    f"('Authorization', 'Bearer {WORD}')": "('Authorization', 'Bearer ***')",
    f"Authorization%3A%20Bearer%20{WORD}&x=1": "Authorization%3A%20Bearer%20***&x=1",
    f"a bearer {WORD} was sent": "a bearer *** was sent",
    f"Basic {WORD}": "Basic ***",
    f"x-api-key: {WORD}": "x-api-key: ***",
    f"x-functions-key: {WORD}": "x-functions-key: ***",
    f"Cookie: a={WORD}; agstoken={WORD}": "Cookie: a=***",
    # Names with values.
    f"client_secret={WORD}&f=json": "client_secret=***&f=json",
    f'{{"client_secret": "{WORD}", "a": 1}}': '{"client_secret": "***", "a": 1}',
    f"{{'client_secret': '{WORD}', 'a': 1}}": "{'client_secret': '***', 'a': 1}",
    f'client_secret="{WORD} with spaces" x': 'client_secret="***" x',
    f'"clientSecret":"a\\"{WORD}"': '"clientSecret":"***"',
    f"client_secret%3D{WORD}%26f%3Djson": "client_secret%3D***%26f%3Djson",
    f"client secret: {WORD}": "client secret: ***",
    f"('client_secret', '{WORD}')": "('client_secret', '***')",
    f"client_secret => {WORD}": "client_secret => ***",
    f"<ClientSecret>{WORD}</ClientSecret>": "<ClientSecret>***</ClientSecret>",
    f"az login --password {WORD} --tenant x": "az login --password *** --tenant x",
    f"AZURE_CLIENT_SECRET={WORD}": "AZURE_CLIENT_SECRET=***",
    f"password: {WORD}": "password: ***",
    f"Password = {WORD} is wrong": "Password = *** is wrong",
    f"db_password: '{WORD}'": "db_password: '***'",
    f"SET PASSWORD = 'it''s {WORD}' x": "SET PASSWORD = '***' x",
    f"private_key_file_pwd={WORD}": "private_key_file_pwd=***",
    f"passphrase: {WORD}": "passphrase: ***",
    f"FIVETRAN_API_SECRET={WORD}": "FIVETRAN_API_SECRET=***",
    f"?token={WORD}&f=json": "?token=***&f=json",
    f"access_token={WORD}": "access_token=***",
    f'"token":"{WORD}"': '"token":"***"',
    f"token: {WORD}": "token: ***",
    f"token%3D{WORD}%26x": "token%3D***%26x",
    f"https://x/b?sv=1&sig={WORD}%2Babc%3D&sp=r": "https://x/b?sv=1&sig=***&sp=r",
    f"sig%3D{WORD}%252Babc%26sp": "sig%3D***%26sp",
    f"?code={WORD}&state=1": "?code=***&state=1",
    # Forms without a name.
    WEBHOOK: "https://hooks.slack.com/services/***",
    WEBHOOK.replace("/", "\\/"): "https:\\/\\/hooks.slack.com\\/services\\/***",
    WEBHOOK.replace("/", "%2F"): "https:%2F%2Fhooks.slack.com%2Fservices%2F***",
    f"https://hooks.slack.com/triggers/T0AAAAAAA/12/{WORD}": "https://hooks.slack.com/triggers/***",
    f"https://hooks.slack.com/workflows/T0/A0/12/{WORD}": "https://hooks.slack.com/workflows/***",
    f"host='hooks.slack.com', port=443): url: /services/{SLACK_PATH} (Caused by x)": (
        "host='hooks.slack.com', port=443): url: *** (Caused by x)"
    ),
    f"the password {SLACK_PATH} of slack": "the password *** of slack",
    f"https://x.webhook.office.com/webhookb2/a@b/{WORD}": "https://x.webhook.office.com/webhookb2/***",
    JWT: "***",
    f"JWT token is invalid: {JWT}": "JWT token is invalid: ***",
    **{f"401 for {prefix}{RANDOM}.": "401 for ***." for prefix in GITHUB},
    **{f"401 for {prefix}{RANDOM}.": "401 for ***." for prefix in SLACK},
    f"pat{RANDOM[:14]}.{'0a' * 32}": "***",
    f"abc8Q~{RANDOM}": "***",
    f"AIza{RANDOM}": "***",
    f"key {PRIVATE_KEY} end": "key *** end",
    PRIVATE_KEY.replace("\n", "\\n"): "***",
    f"key {b64encode(PRIVATE_KEY.encode()).decode()} end": "key *** end",
    PRIVATE_KEY.replace("PRIVATE", "RSA PRIVATE").rpartition("-----END")[0]: "***",
    f"https://jane:{WORD}@host/path": "https://***@host/path",
    f"postgresql://jane:p@{WORD}@host/db": "postgresql://***@host/db",
    f"https://jane:a/{WORD}@host/path": "https://***@host/path",
}

NAMES = (
    "password", "passwd", "passphrase", "passcode", "pwd", "secret_key", "client_secret",
    "app-secret", "apiSecret", "shared_secret", "consumer_secret", "webhook_secret", "access_token",
    "refreshToken", "auth_token", "id_token", "bearer_token", "session_token", "security_token",
    "sas_token", "oauth_token", "agstoken", "API_KEY", "apikey", "access_key", "AccountKey",
    "SharedAccessKey", "private_key", "master_key", "functions-key", "subscription-key",
    "UserDelegationKey", "private_key_content", "SharedAccessSignature", "AWS_SECRET_ACCESS_KEY",
)  # fmt: skip

ORDINARY = """\
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
query id 01b2c3d4-0000-1234-0000-abcd00001234
error code: 400
code=500
code=-2147220985
error code=InvalidAuthenticationInfo
exit code=1
{"error": {"code": 498, "message": "Invalid token.", "details": []}}
where=OBJECTID>100 AND status='token'
https://a.example/FeatureServer/0/query?where=1%3D1&outFields=*&resultOffset=2000&f=json
epa: the layer has no field PublicStatus. Request: GET https://h/0?f=json.
pasadena: OBJECTID 12345 twice; key=OBJECTID; primary_key: OBJECTID
fire_rebuild_points: row 7: daysToDecision is "x1", not a number
250001 (08001): Failed to connect. Incorrect username or password was specified.
390144 (08004): JWT token is invalid. [6c5c1bde-02f8-4c4e-8ab4-aaaabbbbcccc]
token: expired
Token required
The token has expired; renew the token of the connection source_epa.
password authentication failed for user "airflow"
client_secret must not be empty
AADSTS7000215: Invalid client secret provided.
Authorization: required
Authorization failed
the private key cannot be read
bearer of bad news
Basic authentication is required
WWW-Authenticate: Bearer realm="https://x", error="invalid_token"
password=None token=null
{"api_key": null, "is_secret": false}
max_tokens: 100, sigma=0.5, design=new, compass=north, passed=12
secretary=Jane, author: Jane, barcode=abcde, postcode=AB12
if password == other: pass
https://host:8080/path@2x.png and https://[::1]:8080/a@b
wasbs://raw-2025@account.blob.core.windows.net/x
user@host, mailto:jane@ca.gov
AccountName=ddrc;EndpointSuffix=core.windows.net
-----BEGIN CERTIFICATE----- MIIBszCCARwCAQAw
load_id manual__2026-11-24T21:27:00+00:00_AbC123
hooks.slack.com does not answer
cookies: 3
ghp_ eyJ xoxb- patient.0123
""".splitlines()

# Repeated, these could make a pattern start, or go on, at every character.
NASTY = (
    "a", "aA", " ", "'", '"', "\\", "-", "=", "%26", ";a=", ";aaaaa ", "a@", "a:", "://a:b", "://:",
    "token=", "token:a", "password: '", 'password=\\"', "passPassword", "--password ", "<password>",
    "('token', '", "cookie: a=", "secret", "client secret: a", "code=", "&code=x", "bearer aaaaaa,",
    "Authorization: ", "-----BEGIN " "PRIVATE KEY-----", "eyJaaaaaaaaaaa.", "abc8Q~", "xoxb-",
    "hooks.slack.com' ", "hooks.slack.com/services/", "TTTTTTT/BBBBBBB",
)  # fmt: skip
# Each is a hint that makes its patterns run.
HINTS = "token authorization bearer hooks.slack eyj q~ code -----begin /b @ cookie webhook "


@pytest.mark.parametrize(("text", "masked"), MASKED.items(), ids=range(len(MASKED)))
def test_a_secret_is_masked_and_what_is_around_it_is_kept(text: str, masked: str) -> None:
    assert mask_secrets(text) == masked


@pytest.mark.parametrize("form", ["{}={}", "{}: {}", '"{}": "{}"', "'{}': '{}'", "{}%3D{}"])
@pytest.mark.parametrize("name", NAMES)
def test_a_value_is_masked_by_its_name(name: str, form: str) -> None:
    assert mask_secrets(form.format(name, WORD)) == form.format(name, "***")


@pytest.mark.parametrize(("text", "secret"), ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("wrap", [str, repr, json.dumps, lambda text: json.dumps(json.dumps(text))])
def test_a_secret_is_masked_however_its_error_is_quoted(
    text: str, secret: str, wrap: type[str]
) -> None:
    assert secret not in mask_secrets(f"RuntimeError: {wrap(text)}")


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert mask_secrets(text) == text


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*MASKED, *NASTY, *ORDINARY, "\n"]), max_size=5))
def test_masking_a_masked_text_changes_nothing(parts: list[str]) -> None:
    masked = mask_secrets("".join(parts))
    assert mask_secrets(masked) == masked


@pytest.mark.parametrize("second", ["{}", "Authorization: Bearer {}", "Basic {}"])
def test_a_secret_directly_after_another_is_masked(second: str) -> None:
    token = f"pat{'a1B2c3D' * 2}.{'0a' * 20}"
    text = f"keys {token}{second.format(token)} end"
    assert token not in mask_secrets(text)
    assert mask_secrets(text).endswith("*** end")


@pytest.mark.parametrize("nasty", NASTY)
def test_no_text_takes_for_ever(nasty: str) -> None:
    """With a pattern that backtracks exponentially, or by the cube, this would not end."""
    mask_secrets(HINTS + nasty * (20_000 // len(nasty)))
