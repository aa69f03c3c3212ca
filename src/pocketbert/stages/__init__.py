"""One stage a file: a recipe's section and a run folder in, a finished stage out. No arithmetic here."""
