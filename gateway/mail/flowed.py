"""format=flowed text with its paragraphs put together again (RFC 3676)."""


def unflow(text: str, *, delsp: bool = False) -> str:
    """Soft line breaks joined within one quote depth; space-stuffing undone; the signature's line stays alone."""
    lines: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        rest = line.lstrip(">")
        depth = len(line) - len(rest)
        rest = rest.removeprefix(" ")
        signature = rest == "-- "
        if open_depth == depth and not signature:
            lines[-1] += rest
        else:
            lines.append(">" * depth + (" " if depth and rest else "") + rest)
        soft = rest.endswith(" ") and not signature
        if soft and delsp:
            lines[-1] = lines[-1][:-1]
        open_depth = depth if soft else -1
    return "\n".join(lines)
