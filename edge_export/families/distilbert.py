"""DistilBERT: no token types, its own names, and a head with ReLU."""

from __future__ import annotations

from typing import Any

from pocketbert.edge_export.families.parts import LayerParts, Parts

CLASSES = ("DistilBertForSequenceClassification",)


def read(model: Any) -> Parts:
    embeddings, config = model.distilbert.embeddings, model.config
    return Parts(
        word=embeddings.word_embeddings,
        position=embeddings.position_embeddings,
        position_offset=0,
        token_type=None,
        embedding_norm=embeddings.LayerNorm,
        projection=None,
        layers=tuple(_layer(layer) for layer in model.distilbert.transformer.layer),
        heads=config.n_heads,
        activation=config.activation,
        head_dense=model.pre_classifier,
        head_activation="relu",
        head_output=model.classifier,
    )


def _layer(layer: Any) -> LayerParts:
    return LayerParts(
        query=layer.attention.q_lin,
        key=layer.attention.k_lin,
        value=layer.attention.v_lin,
        attention_output=layer.attention.out_lin,
        attention_norm=layer.sa_layer_norm,
        up=layer.ffn.lin1,
        down=layer.ffn.lin2,
        output_norm=layer.output_layer_norm,
    )
