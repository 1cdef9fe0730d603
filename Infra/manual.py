#!/usr/bin/env python3
"""Writes the manual pages, one a command, from what the program says of itself: manual.py PROGRAM FOLDER.

The argument parser's own plugin makes them as well, but builds the whole program once more for it.
"""
import json
import pathlib
import re
import subprocess
import sys


def escaped(text: str) -> str:
    """Text as roff takes it: no line begins with a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in text.split("\n"))


def paragraphs(text: str) -> list[str]:
    """Filled paragraphs; what is indented stays as it is."""
    lines = []
    for part in re.split(r"\n\n+", text):
        is_code = any(line.startswith("  ") for line in part.split("\n"))
        lines += [".PP"] + ([".nf", escaped(part), ".fi"] if is_code else [escaped(part)])
    return lines


def names(argument: dict) -> str:
    if argument["kind"] == "positional":
        return f"<{argument['valueName']}>"
    given = ["-" * (1 if name["kind"] == "short" else 2) + name["name"] for name in argument.get("names", [])]
    return ", ".join(given) + (f" <{argument['valueName']}>" if argument["kind"] == "option" else "")


def usage(path: list[str], arguments: list[dict], children: list[dict]) -> str:
    words = [" ".join(path)]
    for argument in arguments:
        word = names(argument).split(", ")[-1] + (" ..." if argument["isRepeating"] else "")
        words.append(f"[{word}]" if argument["isOptional"] else word)
    return " ".join(words + (["<subcommand>"] if children else []))


def page(path: list[str], command: dict, parent: str | None) -> str:
    name = "-".join(path)
    children = [child for child in command.get("subcommands", []) if child["commandName"] != "help"]
    shown = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    lines = [
        f'.TH "{name.upper()}" 1 "" "Concordat" "Concordat"', ".SH NAME",
        f"{escaped(name)} \\- {escaped(command.get('abstract', '').rstrip('.'))}", ".SH SYNOPSIS",
        escaped(usage(path, shown, children))]
    discussion, _, examples = re.split(r"(?m)^(Examples?:)\n", command.get("discussion", "") + "\nExample:\n", maxsplit=1)
    if discussion.strip():
        lines += [".SH DESCRIPTION"] + paragraphs(discussion.strip())[1:]
    if shown:
        lines.append(".SH OPTIONS")
        for argument in shown:
            words = argument.get("abstract", "")
            if argument.get("defaultValue"):
                words += f" (default: {argument['defaultValue']})"
            lines += [".TP", f"\\fB{escaped(names(argument))}\\fR", escaped(words)]
    if children:
        lines.append(".SH COMMANDS")
        for child in children:
            lines += [".TP", f"\\fB{escaped(name + '-' + child['commandName'])}\\fR(1)", escaped(child.get("abstract", ""))]
    examples = examples.removesuffix("\nExample:\n").rstrip()
    if examples:
        lines += [".SH EXAMPLES", ".nf", escaped(examples), ".fi"]
    if parent:
        lines += [".SH SEE ALSO", f"\\fB{escaped(parent)}\\fR(1)"]
    return "\n".join(lines) + "\n"


def write(folder: pathlib.Path, command: dict, above: list[str]) -> int:
    path = above + [command["commandName"]]
    (folder / f"{'-'.join(path)}.1").write_text(page(path, command, "-".join(above) or None))
    return 1 + sum(
        write(folder, child, path) for child in command.get("subcommands", []) if child["commandName"] != "help")


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: manual.py PROGRAM FOLDER", file=sys.stderr)
        return 2
    said = subprocess.run([sys.argv[1], "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{write(folder, json.loads(said)['command'], [])} pages in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
