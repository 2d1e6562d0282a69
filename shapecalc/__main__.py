"""``python -m shapecalc`` is the command."""

from shapecalc.cli import main

main()
