"""ELECTRA's discriminator: embeddings may be narrower than the layers, and the head's activation is GELU."""

from __future__ import annotations

from typing import Any

from pocketbert.edge_export.families.parts import Parts, bert_layer

CLASSES = ("ElectraForSequenceClassification",)


def read(model: Any) -> Parts:
    embeddings, config = model.electra.embeddings, model.config
    return Parts(
        word=embeddings.word_embeddings,
        position=embeddings.position_embeddings,
        position_offset=0,
        token_type=embeddings.token_type_embeddings,
        embedding_norm=embeddings.LayerNorm,
        projection=getattr(model.electra, "embeddings_project", None),
        layers=tuple(bert_layer(layer) for layer in model.electra.encoder.layer),
        heads=config.num_attention_heads,
        activation=config.hidden_act,
        head_dense=model.classifier.dense,
        head_activation="gelu",
        head_output=model.classifier.out_proj,
    )
