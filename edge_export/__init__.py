"""Student to sealed artifact: export-friendly encoder, three lowerings, the seal and its reader, verification."""
