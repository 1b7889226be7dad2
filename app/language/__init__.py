"""Korean and English text: sentences, morphemes, numbers, keyphrase matching. Knows no product."""
