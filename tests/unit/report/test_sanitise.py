import pandas as pd
import pytest

from csanalysis.report.sanitise import clean, own_rules

PIXEL = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<img src=x onerror=alert(1)//",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" &#14; JaVaScript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<iframe src='https://example.com'></iframe>",
        "<math><mtext></p><style><img src=x onerror=alert(1)></style></mtext></math>",
        "<scr<script>ipt>alert(1)</script>",
        '<meta http-equiv="refresh" content="0;url=https://example.com">',
        '<link rel="stylesheet" href="https://example.com/a.css">',
        '<form action="https://example.com"><button onclick="alert(1)">x</button></form>',
        '<base href="https://example.com/">',
    ],
)
def test_nothing_that_runs_or_loads_is_left(hostile: str) -> None:
    for form in (clean(hostile), clean(hostile, keep_styles=True), clean(clean(hostile))):
        for sign in (
            "<script",
            "onerror",
            "onload",
            "onclick",
            "javascript:",
            "data:text",
            "<iframe",
            "<meta",
        ):
            assert sign not in form.lower()
        assert "example.com" not in form


def test_escaped_text_stays_text() -> None:
    assert clean("&lt;script&gt;alert(1)&lt;/script&gt;") == "&lt;script&gt;alert(1)&lt;/script&gt;"


def test_tables_pictures_and_ruby_are_kept() -> None:
    table = '<table><caption>人数</caption><tbody><tr><td colspan="2">4.36</td></tr></tbody></table>'
    assert clean(table) == table
    picture = f'<img alt="phases" src="{PIXEL}">'
    assert clean(picture) == picture
    ruby = "<ruby>解約<rt>かいやく</rt></ruby>"
    assert clean(ruby) == ruby


def test_styles_that_load_or_leave_the_output_are_dropped() -> None:
    assert clean('<p style="color: red">x</p>') == '<p style="color: red;">x</p>'
    assert clean('<p style="background: url(https://example.com/x.png)">x</p>') == "<p>x</p>"
    assert "position" not in clean('<p style="position: fixed; top: 0">x</p>')
    assert own_rules("body { display: none } #a { color: red } #a, p { color: red }") == "#a {color: red}"
    assert own_rules("@import 'https://example.com/x.css'; #a { background: url(//example.com) }") == ""


def test_pandas_styles_survive() -> None:
    styled = pd.DataFrame({"fte": [4.36]}).style.set_uuid("x").map(lambda _: "background-color: #cfe3f1")
    html = clean(styled.to_html(), keep_styles=True)
    assert "#T_x_row0_col0 {background-color: #cfe3f1}" in html
    assert 'id="T_x_row0_col0"' in html
