"""Walks over the containers: what Pillow does not tell, without decoding a pixel.

Viewers show a picture whose file lacks its end, or ends within something behind the pixels, and so
it is judged. Where a walk finds that, it says so, and gives what decoders that insist on the end
need to be given. Whether the pixels themselves are whole is for the decoder to say.

Each walk is bounded by the length of the file, by `limits.frames`, or by `LONGEST_BLOCK`.
"""
