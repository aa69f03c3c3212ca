"""One command a file: its signature is its help, and it imports its room only when it runs."""
