"""Draws covers: two colours and a disc, told apart by the track's number."""

from app.sandbox.tracks import SandboxTrack

_GOLDEN_ANGLE = 137


def cover_of(track: SandboxTrack) -> str:
    """A square picture as SVG, without any text of the track."""
    hue = track.number * _GOLDEN_ANGLE % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" fill="hsl({hue} 45% 30%)"/>'
        f'<circle cx="{20 + hue % 60}" cy="50" r="{15 + track.bpm % 25}" fill="hsl({hue + 40} 65% 60%)"/>'
        "</svg>"
    )
