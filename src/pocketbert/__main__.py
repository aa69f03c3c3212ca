"""`python -m pocketbert`."""

from pocketbert.cli import main

main()
