"""What may stand in a word's place: by a masked language model, or by the nearest vectors."""
