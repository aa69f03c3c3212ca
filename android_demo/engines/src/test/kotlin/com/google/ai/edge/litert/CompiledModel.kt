package com.google.ai.edge.litert

/** A test tool: the class by which LiteRT 2 is known, beside the stand-in of its Interpreter. */
class CompiledModel private constructor()
