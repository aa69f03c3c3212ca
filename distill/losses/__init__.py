"""The losses of TinyBERT (arXiv 1909.10351), one file each: pure functions of tensors, the attention mask a required argument."""
