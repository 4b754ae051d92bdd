"""What is taken for a secret, and what only looks like one.

The secrets below are made up, and put together at run time so that no scanner takes this file
for a leak.
"""

import base64
import re

import pytest

from agent_memory.core import policy, secrets
from agent_memory.core.secrets import SecretFinding
from agent_memory.errors import PolicyError

ALNUM = "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ"
LONG = ALNUM * 4
HEX = "0123456789abcdef" * 4


def b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


POSITIVE: dict[str, list[str]] = {
    "private key": [
        "-----BEGIN " + "RSA PRIVATE KEY-----\n" + LONG,
        "-----BEGIN " + "PRIVATE KEY-----\n" + LONG,
        "-----BEGIN " + "OPENSSH PRIVATE KEY-----\n" + LONG,
        "-----BEGIN " + "PGP PRIVATE KEY BLOCK-----\n" + LONG,
        "AGE-SECRET-" + "KEY-1" + HEX[:58].upper(),
    ],
    "AWS access key id": ["AKIA" + "Q3ZT5WXYABCD2345", "ASIA" + "Q3ZT5WXYABCD2345"],
    "AWS secret access key": [
        "aws_secret_access_key = " + LONG[:40],
        'AWS_SECRET_ACCESS_KEY="' + LONG[:38] + '/+"',
        'secretAccessKey: "' + LONG[:40] + '"',
    ],
    "Google API key": ["AIza" + LONG[:35]],
    "Google OAuth secret": ["GOCSPX" + "-" + LONG[:28], "ya29" + "." + LONG[:60]],
    "Google service account key": ['"private_key' + '_id": "' + HEX[:40] + '"'],
    "Azure account key": [
        "DefaultEndpointsProtocol=https;AccountName=a;Account" + "Key=" + LONG[:86] + "==",
        "Endpoint=sb://b/;SharedAccess" + "Key=" + LONG[:43] + "=",
    ],
    "GitHub token": [
        *("gh" + kind + "_" + ALNUM for kind in "pousr"),
        "github_" + "pat_" + LONG[:22] + "_" + LONG[:59],
    ],
    "GitLab token": [
        "gl" + "pat-" + LONG[:20],
        "gl" + "rt-" + LONG[:20],
        "gl" + "pat-" + "TBGzvAmwufUxbvJDCTby",
    ],
    "Bitbucket or Atlassian token": ["AT" + "BB" + LONG[:32], "ATA" + "TT3" + LONG[:80]],
    "Anthropic key": ["sk-" + "ant-api03-" + LONG[:90]],
    "OpenAI or OpenRouter key": [
        "sk-" + LONG[:48],
        "sk-" + "proj-" + LONG[:60],
        "sk-" + "or-v1-" + HEX,
    ],
    "Hugging Face token": ["hf" + "_" + LONG[:34]],
    "Groq, xAI, Perplexity or Replicate key": [
        "gs" + "k_" + LONG[:52],
        "xa" + "i-" + LONG[:80],
        "ppl" + "x-" + LONG[:48],
        "r" + "8_" + LONG[:37],
    ],
    "Slack token": [
        "xo" + "xb-123456789012-123456789012-" + LONG[:24],
        "xa" + "pp-1-A0B1C2D3E4-99",
    ],
    "Slack webhook": ["https://hooks.slack" + ".com/services/T0A1B2C3D/B0A1B2C3D/" + LONG[:24]],
    "Discord token or webhook": [
        "M" + LONG[:23] + "." + LONG[:6] + "." + LONG[:27],
        "https://discord" + ".com/api/webhooks/123456789012345678/" + LONG[:68],
    ],
    "Telegram bot token": ["123456789" + ":AA" + LONG[:33]],
    "Stripe key": [
        "sk_" + "live_" + LONG[:24],
        "rk_" + "test_" + LONG[:24],
        "wh" + "sec_" + LONG[:32],
    ],
    "Twilio key": ["S" + "K" + HEX[:32]],
    "SendGrid key": ["S" + "G." + LONG[:22] + "." + LONG[:43]],
    "npm token": ["np" + "m_" + LONG[:36]],
    "PyPI token": ["py" + "pi-AgEIcHlwaS5vcmc" + LONG[:70]],
    "DigitalOcean token": ["do" + "p_v1_" + HEX],
    "Vault, Docker, Databricks or Shopify token": [
        "hv" + "s." + LONG[:24],
        "dckr" + "_pat_" + LONG[:27],
        "da" + "pi" + HEX[:32],
        "shp" + "at_" + HEX[:32],
    ],
    "JSON Web Token": [".".join((b64('{"alg":"HS256"}'), b64('{"sub":"12345"}'), LONG[:43]))],
    "authorization header": [
        "Authorization: " + "Basic " + b64("somebody:s3cret!"),
        "Authorization: Bearer " + LONG[:30],
    ],
    "password in a URL": [
        "postgres://app:" + "t0psecr3t" + "@db.internal:5432/app",
        "https://:" + "k3yk3yk3y" + "@sentry.io/1",
    ],
    "password or key": [
        "password=" + "hunter2",
        "DB_PASS=" + "kL9!mq2z",
        'password = "' + "p@ss!word-XY" + '"',
        "The password is " + "Tr0ub4dor&3",
        "- **Password:** `" + "Tr0ub4dor&3" + "`",
        'const dbPassword: string = "' + "Tr0ub4dor3" + '";',
        "api_key: " + LONG[:20],
        '"apiKey": "' + LONG[:24] + '"',
        'SECRET_KEY = "' + "django-insecure-k3@x9" + LONG[:20] + '"',
        "X_AUTH_TOKEN := '" + LONG[:32] + "'",
        "client_secret=" + HEX[:32],
    ],
}


@pytest.mark.parametrize(
    ("name", "secret"), [(name, secret) for name, many in POSITIVE.items() for secret in many]
)
def test_a_secret_is_refused_and_never_repeated(name: str, secret: str) -> None:
    text = f"Deploying needs\n  this: {secret} and more"
    assert [found.name for found in secrets.secrets(text)] == [name]
    with pytest.raises(PolicyError) as caught:
        policy.screen(text)
    assert name in caught.value.message
    assert "line 2" in caught.value.message
    for word in re.findall(r"[A-Za-z0-9!@&+/=]{7,}", secret):
        if any(char.isdigit() for char in word):
            assert word not in caught.value.message + caught.value.hint + repr(caught.value)


def test_every_rule_has_an_example_here() -> None:
    assert [rule.name for rule in secrets.SECRETS] == list(POSITIVE)


@pytest.mark.parametrize(
    "text",
    [
        "Fixed in 3f786850e387550fdab836ed7e6dc881de23001b",
        "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "token: 123e4567-e89b-12d3-a456-426614174000",
        "Idempotency key = `123e4567-e89b-12d3-a456-426614174000`",
        "Design token: --color-blue-500",
        "glpat-your-token-goes-here-please",
        "Tenant 123e4567-e89b-12d3-a456-426614174000 is the demo tenant",
        "password = models.CharField(max_length=128)",
        "def login(user: str, password: str, token: str) -> str:",
        "`SECRET_KEY` is read from the environment; `API_KEY` too",
        'SECRET_KEY = os.environ["DJANGO_SECRET_KEY_2"]',
        "api_key = os.getenv('OPENAI_API_KEY1')",
        "token = settings.API_TOKEN_V2",
        "password: <password>, or ${PW}, $PW, {{ db_password1 }}, %PW1%",
        "password=xxx, password=changeme123, password: ********, password=test1234",
        "api_key: your-api-key-1234567",
        "API_KEY=YOUR_API_KEY_HERE_1",
        "password: string; token: string | undefined",
        "token: refresh_token_v2 lives in the session store",
        "secret: my-app-db-secret-v2",
        "Passwords: argon2id; password: bcrypt12; token: RS256",
        "The token is refreshed by middleware after 15min",
        "max_tokens: 200000, token = 1500000000",
        "secret: vault:kv/data/app1#db, token: op://dev/api1/token",
        "if password == user.password1: ok",
        "postgres://postgres:postgres@localhost:5432/app and redis://user:pass@cache:6379",
        "`hash(credential: &Credential) -> Hash32`, injection token: `LOGGER1:${Name.of1}`",
        "Authorization: Bearer YOUR_JWT_TOKEN or sk-rt-YOUR_PROJECT_TOKEN or bb_your_key_here1",
        '"token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."',
        "toToken=0x42000000000000000000000000000000000000aB&amount=1, Password: `input#password`",
        "postgresql://test-user:test-pass@localhost/app, postgresql://a:shop_password@b/c",
        "postgres://app:${DB_PASSWORD}@db/app, https://user:<token>@host.example",
        "https://example.com:8080/a@b and http://localhost:3000/@scope/pkg",
        "ghp_" + "x" * 36 + " is what it looks like",
        "sk-" + "ant-" + "X" * 40,
        "sk-learn-is-the-name-of-the-package-we-use-here",
        "glpat-" + "your-own-token-from-the-settings",
        "xox" + "b-your-token-goes-here",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
        "Authorization: Bearer <token>",
        "AKIA is the prefix; AKIASHORT1 is not one; XAKIAQ3ZT5WXYABCD2345Z neither",
        "eyJ marks a token; npm_config_cache and npm_package_version do not; hf_hub too",
        "pwd: /home and PWD=/srv/app1/current",
        "keyboard: qwerty1234567890",
    ],
)
def test_code_names_hashes_and_stand_ins_are_no_secrets(text: str) -> None:
    assert secrets.secrets(text) == ()
    policy.screen(text)


def test_a_finding_says_where_counted_from_one() -> None:
    token = "gh" + "p_" + ALNUM
    assert secrets.secrets(f"a\r\nb\rtoken: {token}") == (SecretFinding("GitHub token", 3, 8),)
