package dev.pocketbert.artifact

/**
 * A file, or what was asked of it, was refused. The message says what was wrong, where, and what to do; people read it.
 *
 * Unchecked, so that Java can catch it from functions that declare nothing.
 */
class ArtifactException(message: String, cause: Throwable? = null) : RuntimeException(message, cause)
