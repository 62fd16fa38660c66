"""Write the golden transcripts anew."""

from tests.transcripts import CASES, HERE, transcript

for name, (routine, words) in CASES.items():
    (HERE / f"{name}.txt").write_text(transcript(routine, words), "utf-8")
