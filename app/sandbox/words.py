"""The words that generated tracks are made of."""

ADJECTIVES = (
    "Amber", "Broken", "Crimson", "Distant", "Electric", "Faded", "Gentle", "Hollow", "Infinite", "Jagged", "Kindred",
    "Lucid", "Midnight", "Northern", "Open", "Paper", "Quiet", "Restless", "Silver", "Tidal", "Unspoken", "Velvet",
    "Winter", "Young", "Zero",
)  # fmt: skip
NOUNS = (
    "Avenue", "Bloom", "Canyon", "Daybreak", "Engine", "Ferry", "Garden", "Harbour", "Island", "Journey", "Kites",
    "Lanterns", "Mirrors", "Needle", "Orbit", "Parade", "Quarry", "Rivers", "Signals", "Towers", "Umbrella", "Valley",
    "Window", "Yards", "Zenith",
)  # fmt: skip
FIRST_NAMES = ("Ada", "Ben", "Cleo", "Dario", "Edda", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Leo")
LAST_NAMES = ("Arden", "Brook", "Castell", "Dune", "Ellery", "Frost", "Gale", "Hollis", "Imber", "Jarrow")
GENRES = (
    "ambient", "cinematic", "classical", "corporate", "electronic", "folk", "funk", "hip hop", "jazz", "lounge", "pop",
    "reggae", "rock", "world",
)  # fmt: skip
MOODS = (
    "calm", "dark", "dreamy", "epic", "happy", "hopeful", "mysterious", "playful", "relaxed", "sad", "tense",
    "uplifting",
)  # fmt: skip
INSTRUMENTS = ("acoustic guitar", "bass", "drums", "electric guitar", "piano", "strings", "synth", "trumpet")
KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MODES = ("major", "minor")
ENERGIES = ("very_low", "low", "medium", "high")
