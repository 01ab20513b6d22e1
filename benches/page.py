"""docs/benchmarks.md has a part for each benchmark: the first without a heading of its own, the others under `## `. Each benchmark
writes its own part and leaves the others as they are."""
import re
from pathlib import Path


def write(path, heading, text):
    """Puts `text` in place of the part under `heading`; an empty heading is the first part."""
    path = Path(path)
    parts = re.split(r"(?m)^(?=## )", path.read_text(encoding="utf-8") if path.exists() else "")
    text = text.strip() + "\n"
    if not heading:
        parts[0] = text
    else:
        new = f"{heading}\n\n{text}"
        places = [i for i, part in enumerate(parts) if part.startswith(heading + "\n")]
        if places:
            parts[places[0]] = new
        else:
            parts.append(new)
    path.write_text("\n".join(p.rstrip("\n") + "\n" for p in parts if p.strip()), encoding="utf-8")
