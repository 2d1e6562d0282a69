"""The command ``shapecalc completion``: what shells need to complete commands and specs."""

from __future__ import annotations

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams
from shapecalc.errors import ExitCode, SpecError

_EPILOG = """\b
Examples:
  eval "$(shapecalc completion bash)"     in ~/.bashrc
  eval "$(shapecalc completion zsh)"      in ~/.zshrc
  shapecalc completion fish | source      in config.fish
"""

#: bash has cut the words at : and = before it asks, so the whole line is given, and what it has of
#: the last word is taken off the answers. No blank follows where the word can go on. Behind a
#: single answer bash would close a quote, so there is a second one, which is longer by a blank.
#: What exits with 0 may be a file too, which bash looks for itself where there is nothing else.
_BASH = """\
_shapecalc() {
  local line word answer answers files
  line=${COMP_LINE:0:$COMP_POINT}
  word=${COMP_WORDS[COMP_CWORD]}
  case $word in [:=]) word= ;; esac
  COMPREPLY=()
  answers=$(shapecalc completion --line "$line" --word "$word" 2>/dev/null)
  files=$?
  [ $files = 0 ] || compopt +o default
  while IFS= read -r answer; do
    [ -z "$answer" ] || COMPREPLY+=("$answer")
  done <<< "$answers"
  if [ $files$word = "0${line##* }" ] && [ -n "$word" ] && [ ${#COMPREPLY[@]} -gt 0 ]; then
    while IFS= read -r answer; do
      [ -d "$answer" ] && answer+=/
      COMPREPLY+=("$(printf %q "$answer")")
    done < <(compgen -f -- "$word")
  fi
  case ${#COMPREPLY[@]}$word in
    0*) compopt +o nospace ;;
    1[\\"\\']*) COMPREPLY+=("${COMPREPLY[0]} ") ;;
  esac
} 2>/dev/null
complete -o nospace -o default -F _shapecalc shapecalc
"""

_ZSH = """\
#compdef shapecalc
_shapecalc() {
  local text
  local -a answers
  text=$(shapecalc completion --line "${(j: :)words[1,CURRENT]}" 2>/dev/null)
  local files=$?
  answers=("${(@f)text}")
  [[ -n $text ]] && compadd -S '' -a answers
  [[ $files == 0 ]] && _files
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _shapecalc shapecalc
"""

_FISH = """\
function __shapecalc_complete
  shapecalc completion --line (commandline -cp | string collect) 2>/dev/null
  and __fish_complete_path (commandline -ct)
end
complete -c shapecalc -f -a '(__shapecalc_complete)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


@option.command(_EPILOG)
@click.argument("shell", required=False, type=option.OneOf(tuple(SCRIPTS)))
@click.option("--line", hidden=True)
@click.option("--word", hidden=True)
def command(shell: str | None, line: str | None, word: str | None) -> None:
    """Print a script for shell completion of commands, options, and the insides of specs."""
    streams = click.get_current_context().obj or Streams()
    if line is None:
        if shell is None:
            raise SpecError("a shell is missing", help="shapecalc completion bash, zsh or fish")
        streams.write([SCRIPTS[shell]])
        return
    from shapecalc.cli.suggestions import complete, takes_files

    found = complete(line)
    if word is not None:
        found = [tail for answer in found if (tail := _tail(answer, line, word)) is not None]
    streams.write(f"{answer}\n" for answer in found)
    click.get_current_context().exit(ExitCode.OK if takes_files(line) else ExitCode.UNFIT)


def _tail(answer: str, line: str, word: str) -> str | None:
    """Return the part of an answer that replaces the shell's last word."""
    from shapecalc.cli.suggestions import last_word

    whole = last_word(line)
    if not whole.endswith(word):
        return answer
    return answer[len(whole) - len(word) :]
