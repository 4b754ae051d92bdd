"""What a memory refuses, what it only remarks on, and what it lets pass in silence.

The secrets below are made up, and put together at run time so that no scanner takes this file
for a leak.
"""

import base64
import pickle
import re

import pytest

from agent_memory.core import policy
from agent_memory.core.policy import HiddenFinding, SecretFinding
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
    "GitLab token": ["gl" + "pat-" + LONG[:20], "gl" + "rt-" + LONG[:20]],
    "Bitbucket or Atlassian token": ["AT" + "BB" + LONG[:32], "ATA" + "TT3" + LONG[:80]],
    "Anthropic key": ["sk-" + "ant-api03-" + LONG[:90]],
    "OpenAI or OpenRouter key": [
        "sk-" + LONG[:48],
        "sk-" + "proj-" + LONG[:60],
        "sk-" + "or-v1-" + HEX,
    ],
    "Hugging Face token": ["hf" + "_" + LONG[:34]],
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
    assert [found.name for found in policy.secrets(text)] == [name]
    with pytest.raises(PolicyError) as caught:
        policy.screen(text)
    assert name in caught.value.message
    assert "line 2" in caught.value.message
    for word in re.findall(r"[A-Za-z0-9!@&+/=]{7,}", secret):
        if any(char.isdigit() for char in word):
            assert word not in caught.value.message + caught.value.hint + repr(caught.value)


def test_every_rule_has_an_example_here() -> None:
    assert [rule.name for rule in policy.SECRETS] == list(POSITIVE)


@pytest.mark.parametrize(
    "text",
    [
        "Fixed in 3f786850e387550fdab836ed7e6dc881de23001b",
        "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
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
    assert policy.secrets(text) == ()
    policy.screen(text)


def test_a_finding_says_where_counted_from_one() -> None:
    token = "gh" + "p_" + ALNUM
    assert policy.secrets(f"a\r\nb\rtoken: {token}") == (SecretFinding("GitHub token", 3, 8),)
    assert policy.hidden("a\nb\u200bc") == (HiddenFinding("zero-width character", 0x200B, 2, 2),)


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u3000"])
def test_blank_text_is_nothing_to_remember(text: str) -> None:
    with pytest.raises(PolicyError, match="nothing to remember"):
        policy.screen(text)


@pytest.mark.parametrize(
    ("name", "chars"),
    [
        ("NUL character", "\0"),
        ("control character", "\x01\x08\x0b\x0c\x1b\x7f\x85\x9b"),
        ("Unicode tag character", "\U000e0001\U000e0041\U000e007f"),
        ("bidirectional override", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
        ("private-use character", "\ue000\uf8ff\U000f0000\U0010fffd"),
        ("lone surrogate", "\ud800"),
        ("variation selector", "\ufe00\ufe0f\U000e0100\U000e01ef"),
        (
            "zero-width character",
            "\u00ad\u034f\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u061c\u2060\u2064\u3164\ufeff",
        ),
    ],
)
def test_a_hidden_character_is_refused_by_name(name: str, chars: str) -> None:
    for char in chars:
        text = f"say {char} nothing"
        assert policy.hidden(text) == (HiddenFinding(name, ord(char), 1, 5),)
        with pytest.raises(PolicyError, match=rf"{name} \(U\+{ord(char):04X}, line 1, column 5\)"):
            policy.screen(text)


@pytest.mark.parametrize(
    "text",
    [
        "tab\tand\nnewline\r\n",
        "\ufeff# A title after a byte order mark",
        "👩\u200d💻 👨\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 👩🏽\u200d🚀 🙂\u200d↔\ufe0f",
        "⚠\ufe0f ✔\ufe0f ℹ\ufe0f 1\ufe0f\u20e3 ©\ufe0f ❤\ufe0e",
        "می\u200cخواهم",
        "क्\u200dष क्\u200cष",
        "ភាសា\u200bខ្មែរ",
        "עברית\u200e (C++) עברית",
        "葛\U000e0100城",
        "Donau\u00addampf",
        "naïve café, 한국어, 日本語, ½ → ≠ …",
        "bytes \udce4 that are not UTF-8",
    ],
)
def test_what_a_script_or_an_emoji_needs_is_not_hidden(text: str) -> None:
    assert policy.hidden(text) == ()
    policy.screen(text)


@pytest.mark.parametrize(
    "text",
    [
        "ig\u200dnore",
        "a\u200cb",
        "pass\u200bword",
        "❤\ufe0f\ufe0f",
        "a\ufe0f",
        "\u200d👩",
        "x\u200e",
    ],
)
def test_joiners_where_nothing_joins_are_hidden(text: str) -> None:
    assert policy.hidden(text)


HOSTILE = (
    *(" ", "-", "`", "“", "-eyJa", "eyJaaaaaaaaa.", "password=", "password:a =", "://a:", "M."),
    *("api_key:a1", "aws_secret_", "xoxb-", "1:AA", "authorization: bearer ", "-----BEGIN A "),
    *("\u200d", "\u200e", "is today", "need to ", "in progress ", "/home/a/", "PR is ", "\r"),
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_of_anything_is_judged(piece: str) -> None:
    text = piece * (1_000_000 // len(piece.encode()))
    assert len(policy.secrets(text)) <= len(text)
    assert len(policy.hidden(text)) <= len(text)
    assert len(policy.advice(text)) <= 3


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Today we fixed the login", "Today"),
        ("Fixed the login today", "Fixed today"),
        ("The build is broken today", "today"),
        ("The staging database was reset yesterday", "yesterday"),
        ("Ship the release this week", "this week"),
        ("Migrated 3 days ago", "3 days ago"),
        ("Currently working on the billing refactor", "Currently working"),
        ("Billing refactor: in progress", "in progress"),
        ("The billing refactor is in progress.", "in progress"),
        ("WIP: billing", "WIP"),
        ("Continue with the tests next session", "next session"),
        ("TODO: write the tests", "TODO"),
        ("- [ ] write the tests", "[ ]"),
        ("Next steps: tests, docs", "Next steps"),
        ("PR #12 is still open", "PR #12 is still open"),
        ("The branch is not merged yet", "not merged yet"),
    ],
)
def test_the_session_s_state_is_remarked_on(text: str, word: str) -> None:
    (notice,) = policy.advice(text)
    assert word.split()[-1] in notice
    assert "session" in notice
    policy.screen(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The cache might be per process", "might"),
        ("Celery probably retries twice", "probably"),
        ("Retries are exponential (not verified)", "not verified"),
        ("I think the API is versioned", "I think"),
        ("The worker seems to leak", "seems to"),
    ],
)
def test_a_guess_is_remarked_on(text: str, word: str) -> None:
    (notice,) = policy.advice(text)
    assert f'"{word}" reads like a guess' in notice


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Config is in `/home/ada/src/app/settings/base.py`", "settings/base.py"),
        ("Config is in /Users/ada/src/app/settings/base.py.", "settings/base.py"),
        (r"Config is in C:\Users\ada\app\settings\base.py", "settings/base.py"),
    ],
)
def test_a_path_into_somebody_s_home_is_offered_relative_to_the_repository(
    text: str, form: str
) -> None:
    (notice,) = policy.advice(text)
    assert "one machine only" in notice
    assert form in notice


@pytest.mark.parametrize(
    "text",
    [
        "Always use bun, never npm",
        "Use `date.today()` and not `datetime.now()`",
        "The dashboard lists today's orders and this week's total",
        'Say "I think" less often',
        "A second migration waits while another is in progress",
        "The endpoint returns nothing today",
        "`might` is a modal verb; TODO comments are banned in src/",
        "Issue templates live in .github/; branch names start with the ticket",
        "Logs go to /home/<user>/logs, /home/$USER/logs, ~/logs or /home/app/logs",
        "See https://example.com/home/ada/page and docs/home/ada/x.md",
        "Sessions expire after 3 days; the last weekday is skipped",
        "Tests run against PostgreSQL 16 in Docker",
    ],
)
def test_lasting_facts_draw_no_remark(text: str) -> None:
    assert policy.advice(text) == ()


def test_a_remark_is_one_line_fit_for_a_terminal() -> None:
    notices = policy.advice("I think\nyesterday\n/home/a\u202eb/x /home/ada/\x1b[2J/x probably")
    assert len(notices) == 3
    assert all(notice.isprintable() for notice in notices)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("- Always use bun.", "always use bun"),
        ("* [x] Always   use **bun**", "Always use `bun`"),
        ("## Always use bun", "Always use bun"),
        ("3. Always use\n   bun", "- Always use bun"),
        ("> Always use bun", "Always use\n  bun"),
    ],
)
def test_what_the_instructions_say_already_is_named_with_its_line(line: str, text: str) -> None:
    (notice,) = policy.repeats(
        text, {"AGENTS.md": "other", "CLAUDE.md": f"# Rules\n\n{line}\n- x\n"}
    )
    assert notice.startswith("already stands in CLAUDE.md:3;")


@pytest.mark.parametrize(
    "text", ["Always use bun 1.3", "Use bun", "", "- ", "Always use bun always"]
)
def test_what_differs_in_a_word_is_no_repetition(text: str) -> None:
    assert policy.repeats(text, {"CLAUDE.md": "- Always use bun\n\n- \n"}) == ()


def test_the_policy_is_said_in_single_sentences_of_one_line() -> None:
    for line in policy.SAVE + policy.DO_NOT_SAVE + policy.HABITS:
        assert line.isprintable()
        assert line.endswith(".")


def test_the_policy_passes_its_own_screen() -> None:
    for line in policy.SAVE + policy.DO_NOT_SAVE + policy.HABITS:
        policy.screen(line)


def test_a_refusal_can_be_pickled() -> None:
    with pytest.raises(PolicyError) as caught:
        policy.screen("a\0b")
    assert pickle.loads(pickle.dumps(caught.value)).hint == caught.value.hint
