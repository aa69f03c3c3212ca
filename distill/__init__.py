"""Teacher to student: sources, teacher, student, two stages of distillation; each hands over a plain Hugging Face folder."""
