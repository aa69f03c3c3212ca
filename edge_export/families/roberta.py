"""RoBERTa, XLM-RoBERTa, CamemBERT: positions count from padding_idx + 1, usually one token type, a dense tanh head."""

from __future__ import annotations

from typing import Any

from pocketbert.edge_export.families.parts import Parts, bert_layer

CLASSES = (
    "RobertaForSequenceClassification",
    "XLMRobertaForSequenceClassification",
    "CamembertForSequenceClassification",
)


def read(model: Any) -> Parts:
    embeddings, config = model.roberta.embeddings, model.config
    return Parts(
        word=embeddings.word_embeddings,
        position=embeddings.position_embeddings,
        position_offset=embeddings.padding_idx + 1,
        token_type=embeddings.token_type_embeddings,
        embedding_norm=embeddings.LayerNorm,
        projection=None,
        layers=tuple(bert_layer(layer) for layer in model.roberta.encoder.layer),
        heads=config.num_attention_heads,
        activation=config.hidden_act,
        head_dense=model.classifier.dense,
        head_activation="tanh",
        head_output=model.classifier.out_proj,
    )
