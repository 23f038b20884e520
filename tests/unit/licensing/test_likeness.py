"""How alike tracks are, and how well they fit a taste."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.models.licensing.recommendations import Proposal, Taste
from app.models.licensing.tracks import Energy, LicenceCode, LicenceFacts, ProviderTrack
from app.services.licensing.library.likeness import alike
from app.services.licensing.library.spellings import listed, plain, spellings
from app.services.licensing.library.taste import diversified, favourites_of, fit, taste_of
from tests.licensing.fake_provider import track

words = st.lists(st.sampled_from(["rock", "Rock", "pop", "lo-fi", "Lo Fi"]), max_size=3).map(tuple)
tracks = st.builds(
    ProviderTrack,
    provider=st.just(track(1).provider),
    id=st.integers(1, 99).map(str),
    title=st.just("T"),
    licence=st.just(LicenceFacts(LicenceCode.CC0)),
    artist=st.sampled_from([None, "Ada", "Bob"]),
    bpm=st.none() | st.floats(20, 300),
    genres=words,
    moods=words,
    instruments=words,
    energy=st.none() | st.sampled_from(Energy),
)


def test_spellings_meet_across_providers() -> None:
    for written in ("Hip Hop", "hip-hop", "HIP_HOP", "Hip-Hop", " hip  hop "):
        assert plain([written]) == ("hip hop",)
    found = spellings(["hip hop", "edm"])
    assert {"hip hop", "Hip Hop", "Hip-Hop", "hip-hop", "EDM", "edm"} <= set(found)
    assert len(found) == len(set(found))
    assert plain(["", " ", "-"]) == ()


def test_lists_of_words() -> None:
    assert [listed("a"), listed("ab"), listed("abc")] == ["a", "a and b", "a, b and c"]


def test_a_track_is_wholly_like_itself() -> None:
    seed = track(1, instruments=("piano",), energy=Energy.HIGH)
    found = alike(seed, replace(seed, id="2", genres=("POP",)))
    assert found.score == 1.0
    assert found.reasons == (
        "Is pop too",
        "Has the same mood: dark",
        "Has piano too",
        "Is close in tempo, at 61 bpm",
        "Is as lively",
    )


def test_what_the_seed_does_not_say_has_no_weight() -> None:
    seed = track(1, bpm=None, moods=())
    assert alike(seed, track(2, genres=seed.genres, bpm=300.0)).score == 1.0
    assert alike(track(1, bpm=None, moods=(), genres=()), track(2)).score == 0.0


def test_a_far_tempo_is_no_reason() -> None:
    found = alike(track(1, bpm=60.0), track(2, bpm=80.0))
    assert not [reason for reason in found.reasons if "tempo" in reason]
    assert 0 < found.score < alike(track(1, bpm=60.0), track(2, bpm=65.0)).score


@given(tracks, tracks)
def test_scores_are_from_0_to_1_and_zero_without_reason_to_be_more(seed: ProviderTrack, other: ProviderTrack) -> None:
    found = alike(seed, other)
    assert 0.0 <= found.score <= 1.0
    assert found.score > 0 or not found.reasons


@given(st.lists(st.tuples(tracks, st.integers(1, 4)), max_size=6), tracks)
def test_fits_are_from_0_to_1(liked: list[tuple[ProviderTrack, int]], other: ProviderTrack) -> None:
    taste = taste_of(liked)
    assert 0.0 <= fit(taste, other).score <= 1.0
    assert max(taste.genres.values(), default=1.0) == 1.0


def test_a_taste() -> None:
    taste = taste_of(
        [(track(1, genres=("Rock", "Pop"), moods=("calm",), bpm=100.0), 3), (track(2, genres=("pop",)), 1)]
    )
    assert taste.genres == {"rock": 0.75, "pop": 1.0}
    assert taste.moods == {"calm": 1.0}
    assert taste.tempo == 100.0
    assert favourites_of(taste.genres, 1) == ("pop",)
    found = fit(taste, track(3, genres=("POP",), moods=("Calm",), bpm=104.0))
    assert found.reasons == (
        "You often choose pop",
        "You often choose this mood: calm",
        "Is close to your usual tempo, at 104 bpm",
    )
    assert not Taste().is_known
    assert not taste_of([]).is_known


def proposal(number: int, score: float, artist: str | None) -> Proposal:
    return Proposal(track(number, artist=artist), score, ())


def test_further_tracks_of_an_artist_count_less() -> None:
    same = [proposal(number, 0.9, "Ada") for number in (1, 2, 3)]
    others = [proposal(4, 0.7, "Bob"), proposal(5, 0.6, None), proposal(6, 0.6, None)]
    picked = diversified([*same, *others], 5)
    assert [one.track.id for one in picked] == ["1", "4", "2", "5", "6"]
    assert [one.score for one in picked] == [0.9, 0.7, 0.63, 0.6, 0.6]


@given(st.lists(tracks, max_size=12, unique_by=lambda one: one.id), st.integers(1, 5), st.randoms())
def test_the_order_in_which_tracks_come_changes_nothing(found: list[ProviderTrack], limit: int, source: object) -> None:
    proposals = [Proposal(one, 0.5 if one.bpm else 0.8, ()) for one in found]
    picked = diversified(proposals, limit)
    source.shuffle(proposals)  # type: ignore[attr-defined]
    assert diversified(proposals, limit) == picked
    assert len(picked) == min(limit, len(found))
    assert [one.score for one in picked] == sorted((one.score for one in picked), reverse=True)
