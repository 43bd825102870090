"""Bytes of weights, from how many there are and in which precision."""

#: Ten-thousandths of a bit for one weight. The quantised ones are what llama.cpp documents for Llama-3.1-8B
#: (https://github.com/ggml-org/llama.cpp/blob/master/tools/quantize/README.md): other models differ by some percent.
WEIGHT_BITS: dict[str, int] = {
    "f32": 320000,
    "f16": 160000,
    "bf16": 160000,
    "fp8": 80000,
    "q8_0": 85008,
    "q6_k": 65633,
    "q5_k_m": 57036,
    "q5_k_s": 55704,
    "q4_k_m": 48944,
    "q4_k_s": 46672,
    "iq4_nl": 46818,
    "iq4_xs": 44597,
    "q3_k_l": 42979,
    "q3_k_s": 36429,
    "iq3_m": 37628,
    "iq3_s": 36606,
    "iq3_xs": 34977,
    "iq3_xxs": 32548,
    "q2_k": 31593,
    "q2_k_s": 29697,
    "iq2_m": 29294,
    "iq2_s": 27403,
    "iq2_xs": 25882,
    "iq2_xxs": 23824,
    "iq1_m": 21460,
    "iq1_s": 20042,
}


def from_bits(parameters: int, bits: int) -> int:
    """Bytes of so many weights of so many ten-thousandths of a bit, rounded up."""
    return -(-parameters * bits // 80000)


def ten_thousandths(bits: float) -> int:
    """Bits for one weight, as `from_bits` takes them."""
    return int(bits * 10000 + 0.5)


#: What runs a model where no runtime is named.
USUAL_RUNTIME = "llama.cpp"
