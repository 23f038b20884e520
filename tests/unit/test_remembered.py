"""What is remembered of tokens: little, and nothing of the tokens themselves."""

from app.services.remembered import Remembered


def test_the_oldest_is_forgotten() -> None:
    remembered = Remembered[int](2)
    for number, text in enumerate(["one", "two", "two", "three"]):
        remembered.keep(text, number)
    assert [remembered.get(text) for text in ("one", "two", "three")] == [None, 2, 3]


def test_what_is_no_text_and_half_a_surrogate_pair() -> None:
    remembered = Remembered[int](2)
    remembered.keep("\ud83d", 1)
    assert (remembered.get("\ud83d"), remembered.get(None), remembered.get(7)) == (1, None, None)


def test_no_text_is_kept() -> None:
    remembered = Remembered[int](2)
    remembered.keep("a secret", 1)
    assert "a secret" not in repr(vars(remembered))
