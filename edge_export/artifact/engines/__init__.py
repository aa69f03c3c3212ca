"""One file per runtime; each opens a container's file and runs one text at a time. None of them imports torch at module level."""
