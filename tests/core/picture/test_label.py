"""Words in a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from agent_memory.core.picture import label


@given(st.text(st.characters(), max_size=60))
def test_any_text_is_content_and_attribute_of_an_element(text: str) -> None:
    element = ET.fromstring(f'<a b="{label.xml(text)}">{label.xml(text)}</a>')
    assert (element.text or "") == element.get("b") == label.clean(text)


@given(st.text(st.characters(), max_size=60), st.integers(20, 300))
def test_a_fitted_text_has_room(text: str, room: int) -> None:
    fitted = label.fitted(text, 12, room)
    assert label.width(fitted, 12) <= room
    assert fitted == label.clean(text) or fitted.endswith("…")


def test_wide_characters_take_more_room() -> None:
    assert label.width("深い", 10) == 20
    assert label.width("ab", 10) < 12
