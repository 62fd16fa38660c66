"""Write the golden transcripts anew."""

from tests.transcripts import CASES, HERE, transcript

for name, case in CASES.items():
    (HERE / f"{name}.txt").write_text(transcript(*case), "utf-8")
