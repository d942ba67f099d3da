"""python gguf_encodings.py: random blocks of GGUF's other encodings, to libs/tensors/src/reference/more-encodings.gguf.

Beside each tensor the float32 numbers that the package gguf makes of it; `gguf_llama.py` has the first encodings. Needs gguf, numpy.
"""
import pathlib

import gguf
import numpy
from gguf import GGMLQuantizationType as Q

OUT = pathlib.Path(__file__).resolve().parents[3] / "libs/tensors/src/reference/more-encodings.gguf"
random = numpy.random.default_rng(11)
HALVES = {Q.Q5_0: [0], Q.Q5_1: [0, 2], Q.Q2_K: [80, 82], Q.Q3_K: [108], Q.Q5_K: [0, 2]}

writer = gguf.GGUFWriter(OUT, "none")
for quantization, halves in HALVES.items():
    elements, size = gguf.GGML_QUANT_SIZES[quantization]
    blocks = 512 // elements
    raw = random.integers(0, 256, (2, blocks // 2 * size), dtype=numpy.uint8)
    view = raw.reshape(blocks, size)
    for at in halves:  # scales of a usual size
        view[:, at:at + 2] = random.normal(0, 0.01, blocks).astype(numpy.float16).view(numpy.uint8).reshape(blocks, 2)
    expected = gguf.quants.dequantize(raw, quantization).reshape(2, 256)
    writer.add_tensor(quantization.name, raw, raw_dtype=quantization)
    writer.add_tensor(f"{quantization.name}.expected", expected.astype(numpy.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
