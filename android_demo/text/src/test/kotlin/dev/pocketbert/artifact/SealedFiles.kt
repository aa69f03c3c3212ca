package dev.pocketbert.artifact

import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.security.MessageDigest
import java.util.zip.CRC32

/** Writes small sealed files by docs/artifact.md, so that the reader is not held against itself. */
internal object SealedFiles {
    private val tokens = listOf("[PAD]", "[UNK]", "[CLS]", "[SEP]", "wake", "me", "at", "six", "##ty", ".")

    /** Space splits, a full stop is a word by itself, A to C become a to c. */
    val normalizer = little(5 + 3 * 2 + 2 * 10 - 2 + 2 + 3 * 9) {
        put("PBN1".toByteArray()).put(0)
        putShort(0).putShort(0)
        putShort(1).putInt('.'.code).putInt('.'.code)
        putShort(1).putInt(' '.code).putInt(' '.code)
        putShort(3)
        for (letter in "ABC") putInt(letter.code).put(1).putInt(letter.lowercaseChar().code)
    }

    const val CLASSIFICATION = """{"kind": "classification", "pair": false, "labels": ["alarm", "music"]}"""
    const val LOGITS = """{"name": "logits", "kind": "logits", "size": 2}"""
    const val WORD_PIECE =
        """"kind": "wordpiece", "wordpiece": {"cls_id": 2, "sep_id": 3, "unk_id": 1, "prefix": "##", "max_characters": 100}"""
    const val TOLERANCES = """"tolerance": 8, "reproducibility": {"typical": 0.25, "largest": 0.25}"""
    const val EXACT = """{"min": 2, "max": 8}"""

    val compute = "\u0000\u0000\u0000\u0000TFL3 the graph".toByteArray()

    fun file(
        format: String = """{"name": "pocketbert", "major": 1, "minor": 1}""",
        task: String = CLASSIFICATION,
        output: String = LOGITS,
        lengths: String = EXACT,
        golden: String = golden("\"wake me at six\"", listOf(2, 4, 5, 6, 7, 3), List(6) { 0 }, "[1.5, -2]"),
        more: String = "",
        normalizer: ByteArray = this.normalizer,
        tokenizer: String = WORD_PIECE,
    ): ByteBuffer {
        val entries = linkedMapOf(
            "tokenizer.json" to "{}".toByteArray(),
            "golden.json" to golden.toByteArray(),
            "vocab.txt" to tokens.joinToString("") { "$it\n" }.toByteArray(),
            "normalizer.bin" to normalizer,
        )
        if ("\"wordpiece\":" !in tokenizer) entries -= "normalizer.bin"
        val named = entries.map { (name, data) -> "\"$name\": ${digest(data)}" }.joinToString()
        val manifest = """{"format": $format, "container": "tflite", "compute": ${digest(compute)}, "entries": {$named}, "task": $task,
            "inputs": ["input_ids", "attention_mask", "token_type_ids"], "output": $output, "lengths": $lengths, "vocabulary_size": 10,
            "quantization": {"recipe": "int8", "linear_bits": 8, "linear_granularity": "per_channel",
                "activations": "dynamic_int8_per_token", "embedding_bits": 8, "embedding_granularity": "per_row"},
            "tokenizer": {$tokenizer, "special_tokens_in_text": false, "max_length": 8, "pad_id": 0},
            "runtime": {"name": "litert", "least_version": "2.1.0"}, "metrics": {"accuracy": 0.97}$more}"""
        return ByteBuffer.wrap(compute + zip(linkedMapOf("manifest.json" to manifest.toByteArray()) + entries, compute.size))
    }

    /** 64 vectors alike; [tolerances] are "tolerance" and, since format 1.1, "reproducibility". */
    fun golden(texts: String, ids: List<Int>, types: List<Int>, output: String, tolerances: String = TOLERANCES): String {
        val vector = """{"texts": [$texts], "input_ids": $ids, "token_type_ids": $types, "student": $output, "output": $output}"""
        return """{$tolerances, "vectors": [${List(64) { vector }.joinToString()}]}"""
    }

    fun zip(entries: Map<String, ByteArray>, start: Int): ByteArray {
        val body = ByteArrayOutputStream()
        val directory = ByteArrayOutputStream()
        for ((name, data) in entries) {
            val crc = CRC32().apply { update(data) }.value.toInt()
            val offset = start + body.size()
            body.write(
                little(30 + name.length) {
                    putInt(0x04034b50).putShort(20).putShort(0).putShort(0).putShort(0).putShort(33)
                    putInt(crc).putInt(data.size).putInt(data.size).putShort(name.length.toShort()).putShort(0).put(name.toByteArray())
                } + data,
            )
            directory.write(
                little(46 + name.length) {
                    putInt(0x02014b50).putShort(20).putShort(20).putShort(0).putShort(0).putShort(0).putShort(33)
                    putInt(crc).putInt(data.size).putInt(data.size).putShort(name.length.toShort()).putShort(0).putShort(0).putShort(0)
                    putShort(0).putInt(0).putInt(offset).put(name.toByteArray())
                },
            )
        }
        val count = entries.size.toShort()
        val end = little(22) {
            putInt(0x06054b50).putShort(0).putShort(0).putShort(count).putShort(count).putInt(directory.size())
            putInt(start + body.size()).putShort(0)
        }
        return body.toByteArray() + directory.toByteArray() + end
    }

    fun sha256(data: ByteArray): String = MessageDigest.getInstance("SHA-256").digest(data).joinToString("") { "%02x".format(it) }

    private fun digest(data: ByteArray) = """{"size": ${data.size}, "sha256": "${sha256(data)}"}"""

    private fun little(size: Int, fill: ByteBuffer.() -> Unit): ByteArray =
        ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).apply(fill).also { check(it.position() == size) }.array()
}
