"""BERT, and MiniLM and TinyBERT, which are BERT: a pooler with tanh before the classifier."""

from __future__ import annotations

from typing import Any

from pocketbert.edge_export.families.parts import Parts, bert_layer

CLASSES = ("BertForSequenceClassification",)


def read(model: Any) -> Parts:
    embeddings, config = model.bert.embeddings, model.config
    return Parts(
        word=embeddings.word_embeddings,
        position=embeddings.position_embeddings,
        position_offset=0,
        token_type=embeddings.token_type_embeddings,
        embedding_norm=embeddings.LayerNorm,
        projection=None,
        layers=tuple(bert_layer(layer) for layer in model.bert.encoder.layer),
        heads=config.num_attention_heads,
        activation=config.hidden_act,
        head_dense=model.bert.pooler.dense,
        head_activation="tanh",
        head_output=model.classifier,
    )
