"""Student to sealed artifact: export-friendly encoder, three lowerings, the seal and its reader, verification."""

import logging

# transformers imports torchao where it is installed, and torchao 0.18 registers enums in a way that torch 2.13 complains of,
# on every start; it concerns nobody here.
logging.getLogger("torch.utils._pytree").addFilter(lambda record: "register_constant() on Enum" not in record.getMessage())
