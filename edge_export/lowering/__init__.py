"""One file per container: each has `lower(encoder, wanted) -> Lowered`, and nothing else of it is imported from outside."""
