"""Dummies with the form of secrets, assembled so that no scanner takes the source for a leak."""

WORD = "hunter2"
RANDOM = "a1B2c3D4" * 5
JWT = ".".join(("eyJ" + "hbGciOiJIUzI1NiJ9", "eyJ" + "zdWIiOiIxMjM0In0", "dozjgNryP4J3-_8U"))
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX/+Gh8g=="
SLACK_PATH = "/".join(("T0AAAAAAA", "B0AAAAAAA", "a1B2c3D4" * 3))
WEBHOOK = "https://hooks.slack.com/services/" + SLACK_PATH
CONNECTION_STRING = (
    f"DefaultEndpointsProtocol=https;AccountName=ddrc;AccountKey={KEY};"
    "EndpointSuffix=core.windows.net"
)
PRIVATE_KEY = "\n".join(
    ("-----BEGIN " + "PRIVATE KEY-----", *[RANDOM] * 3, "-----END " + "PRIVATE KEY-----")
)

# An error with each kind of secret, and the part of it that nobody may read.
ERRORS = {
    "connection string": (f"cannot open {CONNECTION_STRING}", KEY),
    "shared access signature": (
        f"BlobEndpoint=https://x;SharedAccessSignature=sv=1&sig={WORD}1",
        WORD,
    ),
    "bearer token": (f"refused: Authorization: Bearer {JWT}", JWT[3:20]),
    "client secret": (f'AADSTS7000215: {{"client_secret": "{WORD}"}}', WORD),
    "webhook": (f"cannot post to {WEBHOOK}", SLACK_PATH[-20:]),
    "personal token": (f"401 for {'gh' + 'p_'}{RANDOM[:36]}", RANDOM[:36]),
    "private key": (f"cannot parse {PRIVATE_KEY}", RANDOM),
    "login in an address": (f"cannot read https://jane:{WORD}@a.example/0", WORD),
    "password": (f"Snowflake refused user=x password='{WORD} 1'", WORD),
}
