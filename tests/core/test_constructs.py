"""Every construct of CommonMark, by our spans and by markdown-it's tokens.

The texts are our own, one or more for each section of the specification (0.31.2); what may
differ, and why, is listed in `conformance.py`.
"""

from __future__ import annotations

import pytest
from conformance import differences, misplaced, misread

from agent_memory.core.constructs import constructs
from agent_memory.core.document import Document

CONSTRUCTS: dict[str, list[str]] = {
    "2.1 line endings": ["a\rb\r\n\rc\n\n", "- a\r\n- b\r\n", "# a\r# b\r\r- [x](y)\r", "\n\r\n"],
    "2.2 tabs": [
        "\tcode by a tab\n",
        "-\titem\n\n\tits paragraph\n",
        ">\t\tcode in a quote\n",
        "#\tHead\n",
        "  -\tone\n\n\t\ttwo levels in\n",
        "-\t-\tnested by tabs\n",
        "1.\t[a](b.md)\n\t`c`\n",
        "> -\ta\n> \t[b](c.md)\n",
        "*\t*\t*\t\n",
        ">\t> deep\n",
        ">\t[",
    ],
    "2.3 insecure characters": ["a\0b [c\0](d.md) `\0`\n", "# \0\n"],
    "2.4 backslash escapes": [
        r"\[no](link.md) \`no\` \# \- \> \!\[no](image.md)" + "\n",
        "\\# no heading\n",
        "\\- none\n",
        r"[a\]b](c\)d.md) [e](<f\>g.md>)" + "\n",
        "```\\*info\ncode \\`\n```\n",
        r"`\`[a](b)" + "\n",
        "[x\\\ny](z.md)\n",
        "[\\[x\\]]: y.md 'a\\'b'\n\n[\\[x\\]]\n",
    ],
    "2.5 entities": [
        "&amp; &copy; &#35; &#x41; &none; &#0;\n",
        '[a](b&auml;c.md "&quot;")\n',
        "``` k&ouml;ln\n```\n",
        "&#42;no emphasis&#42; &#35; no heading\n",
        "&#91;a](b.md) `&amp;`\n",
        "[a&#93;]: b&amp;c.md\n",
    ],
    "3.1 precedence": ["- `one\n- two`\n", "[a\n\n](b.md)\n", "> `a\n\nb`\n", "# `a\n# b`\n"],
    "4.1 thematic breaks": [
        "***\n---\n___\n",
        " * * *\n",
        "- - -\n",
        "_____________\n",
        "--\n**\n__\n",
        "    ***\n",
        "a\n***\nb\n",
        "- a\n***\n- b\n",
        "- a\n- * * *\n",
        "> ---\n",
        "+++\n",
        "_ _ _ _ a\n",
        "a\n---\n",
        "1. ---\n",
    ],
    "4.2 ATX headings": [
        "# a\n## b\n### c\n#### d\n##### e\n###### f\n####### g\n",
        "#a\n",
        "#\n##\n### ###\n",
        "## a ##\n# b ########\n### c ### d\n#### e #\\##\n# f#\n",
        "   # three\n    # four\n",
        "a\n# b\nc\n",
        "# [a](b.md) `c` #\n",
        "> # in a quote\n- # in an item\n1. ## [x](y.md) ##\n",
        "# #\n",
        "#\tx\t#\t\n",
        "# # [a](b.md) #\n",
        "> - ### deep [z](w.md)\n",
    ],
    "4.3 setext headings": [
        "A\n=\n\nB\n-\n",
        "A `x`\nB [y](z.md)\n====\n",
        "   A\n  ===   \n",
        "A\n    ---\n",
        "A\n= =\n\nB\n--- -\n",
        "> A\n---\n",
        "- A\n---\n",
        "- A\n  ---\n",
        "`A\n---\n`\n",
        "---\nA\n---\nB\n---\nC\n",
        "\\> A\n------\n",
        "A\nB\n===\nC\n",
        "===\n",
        "> A\n===\n",
        "> A\n> ===\n",
        "- A\n===\n",
        "A  \n===\n",
        "[r]: s\n===\n",
        "    A\n---\n",
    ],
    "4.4 indented code": [
        "    a\n      b\n",
        "  - a\n\n    b\n",
        "1.  a\n\n    - b\n",
        "    a\n\n    b\n  \n\n\n    c\n",
        "a\n    b\n",
        "    a\nb\n",
        "# a\n    b\nc\n---\n    d\n",
        "\n\n    a\n\n\n",
        "    a  \n",
        "-     a\n",
        "- a\n\n      b [c](d)\n",
        "> \t a\n>     b\n",
        "      \n    a\n",
        "1.      a\n\n   b\n",
    ],
    "4.5 fenced code": [
        "```\na\n```\n",
        "~~~\na\n~~~\n",
        "``\na\n``\n",
        "```\na\n~~~\n```\n",
        "````\na\n```\n``````\n",
        "```\n",
        "`````\n\n```\na\n",
        "> ```\n> a\n\nb\n",
        "```\n\n  \n```\n",
        " ```\n a\na\n```\n",
        "    ```\n    a\n    ```\n",
        "```\na\n    ```\n",
        "``` ```\na\n",
        "a\n```\nb\n```\nc\n",
        '```ruby x="1"\na\n```\n',
        "~~~ a ` b\nc\n~~~\n",
        "``` a`b\nc\n",
        "```\n``` a\n```\n",
        "- ```sh\n  a\n  ```\n",
        "1. a\n\n   ~~~~ b\n   c\n   ~~~~\n",
        "- ```\n  never closed\nout\n",
        "> - ```py\n>   x\n>   ```\n",
        "```\n[a](b.md)\n```\n",
    ],
    "4.6 HTML blocks": [
        "<pre>\na\n\nb</pre>\nc\n",
        "<script>\n*a*\n\n</script>\n",
        "<style\n  a>\n\nb\n",
        "<textarea>\n\n</textarea>\n",
        "<!-- a\n\nb --> c\nd\n",
        "<!-->\n",
        "<?php\n\n?>\nd\n",
        "<!DOCTYPE html>\na\n",
        "<![CDATA[\n\n]]>\na\n",
        "<div>\n*a*\n</div>\n\nb\n",
        "</ins>\n[a](b.md)\n",
        "<del>\n\n*a*\n\n</del>\n",
        "<del>a</del>\n",
        '<a href="x">\n*a*\n</a>\n',
        "<Warning>\n*a*\n</Warning>\n",
        "a\n<div>\nb\n</div>\n",
        'a\n<a href="x">\nb\n',
        "> <div>\n> a\n\nb\n",
        "- <div>\n- a\n",
        "    <div>\n",
        "  <!-- a -->\n    <!-- a -->\n",
        "<div></div>\n``` x\n",
        "<table>\n\n    <td>\n\n</table>\n",
        "<hr/>\n<x y>\n",
    ],
    "4.7 link reference definitions": [
        "[a]: /b 'c'\n\n[a]\n",
        "   [a]: \n      /b  \n           'c'  \n\n[a]\n",
        "[a*b]: <c d> 'e\n\nf'\n",
        "[a]:\n\n[a]\n",
        "[a]: <>\n\n[a]\n",
        "[a]: <b>(c)\n\n[a]\n",
        "[a]\n\n[a]: b\n",
        "[a]\n\n[a]: b\n[a]: c\n",
        "[ÄÖ]: b\n\n[äö]\n",
        "[a]: b 'c' d\n",
        "[a]: b\n'c' d\n",
        "    [a]: b\n\n[a]\n",
        "x\n[a]: b\n\n[a]\n",
        "# [a]\n[a]: b\n> c\n",
        "[a]: b\n===\n[a]\n",
        "[a]: b 'c'\n[d]: e\n  'f'\n[g]: h\n[a], [d]\n",
        "[a]\n\n> [a]: b\n",
        "> [a]:\n> b\n> 'c'\n\n[a]\n",
        "[a\\]: x]: y\n\n[a\\]: x]\n",
        "- [a]: b\n- [a]\n",
        "[a\nb]: c\n\n[a b]\n",
        "[]: a\n",
        "[a]: b [c]\n",
        "1. [a]:\n   <b c>\n\n[a]\n",
    ],
    "4.8 paragraphs": [
        "a\n\nb\n",
        "a\nb\n\nc\nd\n",
        "  a\n b\n",
        "a\n             b\n",
        "   a\nb\n",
        "a     \nb     \n",
        "a",
    ],
    "4.9 blank lines": ["  \n\na\n  \n\n# b\n\n  \n", "", "\n", " ", "\t\n\n"],
    "5.1 block quotes": [
        "> # a\n> b\n> c\n",
        "># a\n>b\n",
        "   > a\n    > b\n",
        "> a\nb\n",
        "> - a\n- b\n",
        ">     a\n    b\n",
        "> ```\na\n```\n",
        "> a\n    - b\n",
        ">\n",
        ">\n>  \n> \n",
        ">\n> a\n>  \n",
        "> a\n\n> b\n",
        "> a\n>\n> b\n",
        "a\n> b\n",
        "> a\n***\n> b\n",
        "> > > a\nb\n",
        ">>> a\n> b\n>>c\n",
        ">     code\n\n>    not\n",
        "> [a](b.md)\n> [c\n> d](e.md) `f\n> g`\n",
        "- > a\n  > b\n\n  c\n",
        "> 1. > a\n> b\n",
        ">\t>",
    ],
    "5.2 list items": [
        "1.  a\n    b\n\n        c\n\n    > d\n",
        "- a\n\n b\n",
        "- a\n\n  b\n",
        " -    a\n\n     b\n",
        "   > > 1.  a\n>>\n>>     b\n",
        ">>- a\n>>\n  >  > b\n",
        "-a\n\n2.b\n",
        "- a\n\n\n  b\n",
        "1.  a\n\n    ```\n    b\n    ```\n\n    c\n\n    > d\n",
        "- a\n\n      b\n\n\n      c\n",
        "123456789. a\n",
        "1234567890. a\n",
        "0. a\n",
        "003. a\n",
        "-1. a\n",
        "- a\n\n      b\n",
        "  10.  a\n\n           b\n",
        "1.     a\n\n   b\n\n       c\n",
        "-\n  a\n-\n  ```\n  b\n  ```\n-\n      c\n",
        "-   \n  a\n",
        "-\n\n  a\n",
        "- a\n-\n- b\n",
        "- a\n-   \n- b\n",
        "1. a\n2.\n3. b\n",
        "*\n",
        "a\n*\n\nb\n1.\n",
        " 1.  a\n     b\n\n         c\n",
        "    1.  a\n",
        "  1.  a\nb\n\n          c\n",
        "> 1. > a\nb\n",
        "- a\n  - b\n    - c\n",
        "10) a\n    - b\n",
        "10) a\n   - b\n",
        "- - a\n",
        "1. - 2. a\n",
        "- # a\n- b\n  ---\n  c\n",
        "- [ ] a\n- [x] b\n- [x](y.md)\n",
    ],
    "5.3 lists": [
        "- a\n- b\n+ c\n",
        "1. a\n2. b\n3) c\n",
        "a\n- b\n- c\n",
        "a\n14. b\n",
        "a\n1. b\n",
        "- a\n\n- b\n\n\n- c\n",
        "- a\n  - b\n    - c\n\n\n      d\n",
        "- a\n- b\n\n<!-- -->\n\n- c\n",
        "- a\n - b\n  - c\n   - d\n    - e\n",
        "1. a\n\n  2. b\n\n   3. c\n",
        "1. a\n\n  2. b\n\n    3. c\n",
        "- a\n- b\n\n- c\n",
        "* a\n*\n\n* c\n",
        "- a\n- b\n\n  c\n- d\n",
        "- a\n- b\n\n  [r]: s\n- d\n",
        "- a\n- ```\n  b\n\n\n  ```\n- c\n",
        "- a\n  - b\n\n    c\n- d\n",
        "* a\n  > b\n  >\n* c\n",
        "1. ```\n   a\n   ```\n\n   b\n",
        "- a\n  lazy\nlazier\n- b\n",
    ],
    "6.1 code spans": [
        "`a`\n",
        "`` a ` b ``\n",
        "` `` `\n",
        "`  ``  `\n",
        "` a`\n",
        "``\na\nb  \nc\n``\n",
        "`a\\`b`\n",
        "``a`b``\n",
        "*a`*`\n",
        "[no `a](b)`\n",
        '`<a href="`">`\n',
        '<a href="`">`\n',
        "`<https://a.b`c>`\n",
        "```a``\n",
        "`a\n",
        "`a``b``\n",
        "- `a\n  b` [c](d.md)\n",
        "> `a\n> b`\n",
        "a `b``c` d ` e\n",
    ],
    "6.2 emphasis around links": [
        "*[a](b.md)* **[a](b.md)** ***[a](b.md)***\n",
        "[*a*](b.md) [**c** `d`](e.md)\n",
        "*a [b*](c.md)\n",
        "__[a](b_c_d.md)__\n",
        "**[a](b.md):** c *d* [e](f.md)\n",
        "_[a]_(b)\n",
        "*a `*` b* [c](d.md)*\n",
    ],
    "6.3 links": [
        '[a](/b "c")\n',
        "[a](b)\n",
        "[](a.md)\n",
        "[a]()\n",
        "[a](<>)\n",
        "[a](b c)\n",
        "[a](<b c>)\n",
        "[a](b\nc)\n",
        "[a](<b\nc>)\n",
        "[a](<b)c>)\n",
        "[a](<b\\>)\n",
        "[a](\\(b\\))\n",
        "[a](b(c(d)))\n",
        "[a](b(c)\n",
        "[a](b\\(c\\(d\\))\n",
        "[a](b\\)\\:)\n",
        "[a](#b)\n\n[a](b.md#c)\n\n[a](b.md?c=3#d)\n",
        "[a](b%20c&auml;)\n",
        '[a]("b")\n',
        "[a](/b \"c\")\n[a](/b 'c')\n[a](/b (c))\n",
        '[a](/b "c \\"&quot;")\n',
        '[a](/b\u00a0"c")\n',
        '[a](/b "c "d" e")\n',
        '[a](   /b\n  "c"  )\n',
        "[a] (b)\n",
        "[a [b [c]]](d)\n",
        "[a] b](c)\n",
        "[a [b](c)\n",
        "[a \\[b](c)\n",
        "[a ![b](c)](d)\n",
        "[a [b](c) d](e)\n",
        "[a *b [c [d](e) f](g)* h](i)\n",
        "![[[a](b)](c)](d)\n",
        '[a <b attr="](c)">\n',
        "[a`](b)`\n",
        "[a<https://b.c?d=](e)>\n",
        "[a][B]\n\n[b]: /c 'd'\n",
        "[a [b]][c]\n\n[c]: d\n",
        "[a ![b](c)][d]\n\n[d]: e\n",
        "[a [b](c)][d]\n\n[d]: e\n",
        "[ẞ]\n\n[SS]: a\n",
        "[a\n  b]: c\n\n[d][a b]\n",
        "[a] [b]\n\n[b]: c\n",
        "[a][b]\n\n[b]: c\n\n[b]: d\n",
        "[a][]\n\n[a]: b 'c'\n",
        "[*a* b][]\n\n[*a* b]: c\n",
        "[a] \n[]\n\n[a]: b\n",
        "[a]\n\n[a]: b\n",
        "[[a]]\n\n[a]: b\n",
        "[[*a* b]]\n\n[*a* b]: c\n",
        "[a] d\n\n[a]: b\n",
        "\\[a]\n\n[a]: b\n",
        "*[a*]: b\n\n*[a*]\n",
        "[a][b]\n\n[a]: c\n[b]: d\n",
        "[a]()\n\n[a]: c\n",
        "[a](not a link)\n\n[a]: c\n",
        "[a][b][c]\n\n[c]: d\n",
        "[a][b][c]\n\n[c]: d\n[b]: e\n",
        "[a](javascript:b)\n",
        "[a](\\\nb)\n",
        "[x](ünï.md) [x](汉字.md) [x](<a b.md>)\n",
        "- [a\n  b](c\n  'd')\n",
        '> [a](b\n> "c")\n',
    ],
    "6.4 images": [
        '![a](/b "c")\n',
        "![a *b*][]\n\n[a *b*]: c\n",
        "![a ![b](c)](d)\n",
        "![a [b](c)](d)\n",
        "![](a)\n",
        "![a][b]\n\n[b]: c\n",
        "![a]\n\n[a]: b\n",
        "!\\[a]\n\n[a]: b\n",
        "\\![a]\n\n[a]: b\n",
        "![[a]]\n\n[a]: b\n",
        "[![a](b)](c.md)\n",
        "![a](b c)\n",
    ],
    "6.5 autolinks": [
        "<https://a.b/c?d=e&f=g>\n",
        "<MAILTO:A@B.C>\n",
        "<a+b+c:d>\n",
        "<made-up://a,b>\n",
        "<https://../>\n",
        "<localhost:5001/a>\n",
        "<https://a.b/c d>\n",
        "<https://a.b/\\[\\>\n",
        "<a@b.example.com>\n",
        "<a\\+@b.c>\n",
        "<>\n",
        "< https://a.b >\n",
        "<m:abc>\n",
        "<a.b.c>\n",
        "https://a.b a@b.c\n",
        "a <https://a.b> [c](d.md) <e@f.gh>\n",
    ],
    "6.6 raw HTML": [
        'a <b><c/><d e="f"> g\n',
        'a <b  /><c\nd="e" /> f\n',
        "a <33> <__>\n",
        "a </b></c > d\n",
        "a <!-- b -->[c](d.md)<!-- e\nf --> g\n",
        "a <?php b ?> c <!X y> d <![CDATA[>&<]]>\n",
        'a <b c="[d](e.md)">\n',
        "a <a href='x'>[b](c.md)</a>\n",
    ],
    "6.7 hard line breaks": [
        "a  \nb\n",
        "a\\\nb\n",
        "a       \n     b\n",
        "*a  \nb*\n",
        "`a  \nb`\n",
        '<a href="b  \nc">\n',
        "a\\\n",
        "### a  \n",
        "[a](b.md)  \n[c](d.md)\\\ne\n",
    ],
    "6.8 soft line breaks": ["a\nb\n", "a \n b\n", "[a](b.md)\n[c](d.md)\n`e`\n"],
    "6.9 textual content": ["a $.;'b\n", "é ü 汉字 🐝\n", "a   b\n"],
    "tables": [
        "| a | b |\n|---|---|\n| c | d |\n",
        "a | b\n-|-\nc | d\n",
        "| a |\n|:-:|\n| [b](c.md) |\n| `d` | e | f |\n",
        "| a | b |\n|---|---|\n| c\\|d | [e\\|f](g.md) |\n| `h\\|i` | `j` |\n",
        "| a | a |\n|---|---|\n| `x` | `x` |\n|| `x` |\n",
        "> | a | b |\n> |---|---|\n> | [c](d) | e |\n",
        "- | a | b |\n  |---|---|\n  | [c](d) | [c](d) |\n",
        "| a | b |\n|---|---|\n| c |\n\nd\n",
        "| a |\n|---|\nb\n> c\n",
        "| a | b |\n| - |\n",
        "a\n| b | c |\n|---|---|\n",
        "| [a](b.md) | c | [a](b.md)\n|-|-|-|\n| `x`\n",
        '| a |\n|---|\n| ![b](c "d") <https://e.f> |\n',
        "|\\||`\\|`|\n|-|-|\n|\\\\|a|[b](c\\|d)|\n",
        "| a |\n|--|\n| \u00a0[b](c)\u00a0 |\n",
    ],
    "CJK and right to left": [
        "# 標題\n\n- [連結](文件.md)，然後\n- `程式碼` 之後\n\n「引用」[《書》](書.md)。\n",
        "- **粗體**[鏈](a.md)\n",
        "اقرأ [الملف](ملف.md) أولا\n",
        "- עברית [קישור](a.md) `קוד`\n",
        "> 한국어 [링크](링크.md)\n",
        "\u3000[全角](a.md)\u3000\n",
        "　# no\n",
    ],
    "front matter and odd files": [
        "---\na: b\n---\n# C\n\n- [d](e.md)\n",
        "\ufeff# A\n\n- b\n",
        "\ufeff---\r\na: b\r\n---\r\n- [d](e.md)\r\n",
        "---\na: |\n  ```\n---\n\n[b](c.md)\n",
        "a\x0cb\n\x0c\n[c](d.md)\n",
        "\u2028[a](b.md)\u2029\n`c`\n",
        "\u00a0\n[a](b.md)\n",
        "\udcff[a\udcfe](b.md)\n",
        "---\na: b\n...\n    code\n",
    ],
}
ALL = [(section, text) for section, texts in CONSTRUCTS.items() for text in texts]


@pytest.mark.parametrize("section", CONSTRUCTS)
def test_our_spans_name_what_markdown_it_finds(section: str) -> None:
    for text in CONSTRUCTS[section]:
        for ending in ("\n", "\r\n", "\r"):
            document = Document("a.md", text.replace("\n", ending))
            assert differences(document) == [], repr(document.text)


@pytest.mark.parametrize("section", CONSTRUCTS)
def test_a_construct_alone_is_the_same_construct(section: str) -> None:
    for text in CONSTRUCTS[section]:
        assert misread(Document("a.md", text)) == [], repr(text)


@pytest.mark.parametrize("section", CONSTRUCTS)
def test_spans_nest_and_lie_within_the_text(section: str) -> None:
    for text in CONSTRUCTS[section]:
        for ending in ("\n", "\r\n", "\r"):
            document = Document("a.md", text.replace("\n", ending))
            assert misplaced(document) == [], repr(document.text)


@pytest.mark.parametrize("section", CONSTRUCTS)
def test_a_construct_within_a_quotation_or_item_is_found_too(section: str) -> None:
    for text in CONSTRUCTS[section]:
        for first, more in (("> ", "> "), ("- ", "  "), ("1. > ", "   > ")):
            inner = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
            held = first + inner.rstrip("\n").replace("\n", "\n" + more) + "\n"
            document = Document("a.md", held)
            assert differences(document) + misplaced(document) == [], repr(held)


def spans(text: str, *kinds: str) -> list[str]:
    document = Document("a.md", text)
    return [text[slice(*one.span)] for one in constructs(document) if one.kind in kinds]


def test_a_span_is_the_construct_and_nothing_else() -> None:
    text = "\ufeff# A ##\r\n\r\n- one\r\n  - two\r\n\r\n\r\n> q\r\n> r\r\n\r\n```sh\r\nx\r\n```\r\n"
    assert spans(text, "heading") == ["# A ##"]
    assert spans(text, "item") == ["- one\r\n  - two", "- two"]
    assert spans(text, "quote") == ["> q\r\n> r"]
    assert spans(text, "fence") == ["```sh\r\nx\r\n```"]
    assert spans(text, "section") == [text[1:]]


def test_what_stands_in_a_quotation_begins_after_its_mark() -> None:
    text = "> - a\n>   b\n> - c\n"
    assert spans(text, "item") == ["- a\n>   b", "- c"]
    own = [one.own for one in constructs(Document("a.md", text)) if one.kind == "item"]
    assert own == ["- a\n  b", "- c"]


def test_indented_code_begins_with_its_indent() -> None:
    assert spans("- a\n\n      code\n", "code") == ["    code"]
    assert spans("\tcode\n", "code") == ["\tcode"]


def test_comments_rules_rows_and_definitions_have_places() -> None:
    text = "<!-- c -->\n\n***\n\n| a |\n|---|\n| b |\n\n[r]: s.md\n"
    assert spans(text, "comment", "rule", "definition") == ["<!-- c -->", "***", "[r]: s.md"]
    assert spans(text, "row") == ["| a |", "| b |"]
    assert spans(text, "table") == ["| a |\n|---|\n| b |"]


def test_byte_spans_count_bytes() -> None:
    text = "\ufeffé\n\n- 漢 [字](a.md)\udcff\n"
    document = Document("a.md", text)
    data = text.encode("utf-8", "surrogateescape")
    link = next(one for one in constructs(document) if one.kind == "link")
    assert data[slice(*link.byte_span(document))] == "[字](a.md)".encode()


def test_front_matter_is_a_construct_of_whole_lines() -> None:
    document = Document("a.md", "---\na: b\n---\n# T\n")
    first = constructs(document)[0]
    assert (first.kind, first.own, first.line, first.end_line) == (
        "front matter", "---\na: b\n---\n", 1, 3,
    )  # fmt: skip


def test_constructs_tell_levels_infos_and_targets() -> None:
    text = "## B `c`\n\n```sh x\n```\n\n[a](<b c.md>)\n\n[d]: e.md\n"
    found = {one.kind: (one.level, one.info) for one in constructs(Document("a.md", text))}
    assert found["heading"] == (2, "B `c`")
    assert found["section"] == (2, "B `c`")
    assert found["fence"] == (0, "sh x")
    assert found["link"] == (0, "b%20c.md")
    assert found["definition"] == (0, "e.md")
