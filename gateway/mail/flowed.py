"""format=flowed text with its paragraphs put together again (RFC 3676)."""


def unflow(text: str, *, delsp: bool = False) -> str:
    """Soft line breaks joined within one quote depth; space-stuffing undone; the signature's line stays alone."""
    paragraphs: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        rest = line.lstrip(">")
        depth = len(line) - len(rest)
        rest = rest.removeprefix(" ")
        signature = rest == "-- "
        if open_depth == depth and not signature:
            paragraphs[-1].append(rest)
        else:
            paragraphs.append([">" * depth + (" " if depth and rest else "") + rest])
        soft = rest.endswith(" ") and not signature
        if soft and delsp:
            paragraphs[-1][-1] = paragraphs[-1][-1][:-1]
        open_depth = depth if soft else -1
    return "\n".join("".join(paragraph) for paragraph in paragraphs)
