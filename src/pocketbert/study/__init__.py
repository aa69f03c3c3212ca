"""A study: variants of a recipe on several data sets and seeds, one record and one table of it."""
