"""Reads generation parameters of every form out of a file's texts."""

from collections.abc import Callable
from dataclasses import replace

from detector.readers import automatic1111, comfyui, invokeai, novelai, tool_json, tool_texts
from detector.readers.checkpoints import family
from detector.readers.contract import Reader
from detector.readers.generation import Parameters, Texts, signal
from evidence.signals import Signal
from imaging import DecodedImage

Format = Callable[[Texts], Parameters | None]

# The surest of its ground first: several tools add another's form to their own, which says less.
_FORMATS: tuple[Format, ...] = (
    novelai.read,
    invokeai.read,
    comfyui.read,
    tool_json.read,
    automatic1111.read,
    tool_texts.read,
)

# Where programs that write XMP put what others put into a text of their own.
_XMP_TEXTS = {
    "{http://purl.org/dc/elements/1.1/}description": "XMP:description",
    "{http://ns.adobe.com/exif/1.0/}UserComment": "XMP:UserComment",
}


class GenerationParametersReader(Reader):
    """Finds the parameters that image generators write into their files.

    Anybody can write or copy them, so they are stated and not proven; but nobody's camera or
    painting program writes them.
    """

    name = "parameters"
    what = "generation parameters"
    where = "PNG texts, EXIF and XMP comments, JPEG and GIF comments"
    of = (
        "AUTOMATIC1111, Forge and SD.Next, ComfyUI (its graph is walked to the sampler or"
        " service of the image, through its sub-graphs), InvokeAI, NovelAI, Fooocus, "
        "SwarmUI, Draw Things, Easy Diffusion, Midjourney, Civitai, Tensor.Art and "
        "others; image to image and in-painting are told from text to image"
    )

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`; at most one signal, which bears the name of the form that was found."""
        texts = tuple(text for text in image.metadata.texts.all if text[0] != "xmp")
        named = ((_XMP_TEXTS.get(one.name), one.value) for one in image.metadata.texts.xmp)
        return parameter_signals(texts + tuple((name, text) for name, text in named if name))


def parameter_signals(texts: Texts, *, hidden: bool = False) -> tuple[Signal, ...]:
    """What generation parameters among these texts say, as one signal; none without any.

    Args:
        texts: The texts of a file.
        hidden: They are hidden in the pixels.
    """
    found = [parameters for form in _FORMATS if (parameters := form(texts))]
    return (signal(_completed(*found), hidden=hidden),) if found else ()


def _completed(main: Parameters, *others: Parameters) -> Parameters:
    """The surest form, with what it leaves open taken from the others."""
    for other in others:
        main = replace(main, prompt=main.prompt or other.prompt, seed=main.seed or other.seed)
        if not (main.generator or family(main.model)) and family(other.model):
            main = replace(main, tool=other.tool, model=other.model)
    return main
