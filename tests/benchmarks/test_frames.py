"""The framing that the listeners of the benchmark `fanout` read and write."""

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fanout.frames import Frames, text


def sent(payload: bytes, kind: int = 0x81) -> bytes:
    """As a server frames it: without a mask."""
    if len(payload) < 126:
        return bytes((kind, len(payload))) + payload
    return bytes((kind, 126)) + len(payload).to_bytes(2, "big") + payload


@given(
    st.lists(st.tuples(st.binary(max_size=300), st.sampled_from((0x81, 0x89)))),
    st.lists(st.integers(min_value=1, max_value=40), min_size=1),
)
def test_texts_come_out_however_the_bytes_are_cut(frames: list[tuple[bytes, int]], pieces: list[int]) -> None:
    stream = b"".join(sent(payload, kind) for payload, kind in frames)
    found, reader, at, turn = [], Frames(), 0, 0
    while at < len(stream):
        length = pieces[turn % len(pieces)]
        found += reader.feed(stream[at : at + length])
        at, turn = at + length, turn + 1
    assert found == [payload for payload, kind in frames if kind == 0x81]


def test_what_a_client_sends_is_masked_with_zeros() -> None:
    assert text(b"40") == b"\x81\x82\x00\x00\x00\x0040"
    assert text(b"x" * 200)[:8] == b"\x81\xfe\x00\xc8\x00\x00\x00\x00"
