"""Tools that write their parameters as plain texts, and services whose texts name them.

Midjourney, Mochi Diffusion, FLUX's own program, Grok, Easy Diffusion, and scripts that write one
PNG text for each setting.
"""

import re
from collections.abc import Callable

from detector.readers.generation import Parameters, Process, Texts

_LONGEST = 20_000

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MIDJOURNEY_JOB = re.compile(rf"\bJob ID: ?({_UUID})", re.IGNORECASE)
_MIDJOURNEY_OPTION = re.compile(
    r"\s--(?:v|version|niji|ar|aspect|s|stylize|style|c|chaos|w|weird|q|quality|seed|iw|no|raw|tile"
    r"|profile|p|sref|cref|oref|ow|sw|cw|fast|relax|turbo|draft|hd|exp|stop|video|upbeta|uplight"
    r"|test|testp|creative|repeat|r)\b"
)
_MIDJOURNEY_VERSION = re.compile(r"--(v|version|niji)\s+([\d.]{1,4})")
_MIDJOURNEY_SEED = re.compile(r"--seed\s+(\d{1,12})")
_GROK_SIGNATURE = re.compile(r"Signature: ?[A-Za-z0-9+/=]{60,2000}")
_MOCHI = re.compile(r"Generator: ?Mochi Diffusion[ \d.]*")
_MOCHI_FIELD = re.compile(r"(?:^|; ?)(Include in Image|Model|Seed): ?([^;]*)")
_FLUX_SOFTWARE = re.compile(r"AI generated;\s*([\w-]+);\s*flux", re.IGNORECASE)

# fmt: off
_SETTINGS = frozenset({
    "seed", "steps", "sampler", "samplername", "scheduler", "cfg", "cfgscale", "guidance",
    "guidancescale", "scale", "numinferencesteps", "negativeprompt", "model", "modelname",
    "promptstrength", "ddimsteps", "stablediffusionmodel", "usestablediffusionmodel",
})
# fmt: on


def read(texts: Texts) -> Parameters | None:
    """What the first tool or service found says; None where there is none."""
    return next((found for reader in _READERS if (found := reader(texts))), None)


def midjourney(texts: Texts) -> Parameters | None:
    """A description that ends with the job's id: `a fox --ar 3:2 --v 6.1 Job ID: 0a1b...`."""
    for _, text in texts:
        job = _MIDJOURNEY_JOB.search(text[:_LONGEST])
        if not job:
            continue
        # Addresses of pictures that the prompt shows stand before it, in angle brackets.
        line = text[text.rfind(">", 0, job.start()) + 1 : job.start()]
        option = _MIDJOURNEY_OPTION.search(line)
        version = _MIDJOURNEY_VERSION.search(line)
        seed = _MIDJOURNEY_SEED.search(line)
        name = {"niji": "Niji"}.get(version[1], "Midjourney") if version else None
        return Parameters(
            format="midjourney",
            tool="Midjourney",
            generator="Midjourney",
            model=f"{name} {version[2]}" if version and name else None,
            prompt=line[: option.start()] if option else line,
            seed=seed[1] if seed else None,
        )
    return None


def grok(texts: Texts) -> Parameters | None:
    """Pictures of xAI: a signature as the description, and an id as the artist."""
    fields = dict(texts)
    if _GROK_SIGNATURE.fullmatch(fields.get("EXIF:ImageDescription", "")) and re.fullmatch(
        _UUID, fields.get("EXIF:Artist", ""), re.IGNORECASE
    ):
        return Parameters(format="grok", tool="Grok", generator="Grok")
    return None


def mochi(texts: Texts) -> Parameters | None:
    """Mochi Diffusion: `Include in Image: ...; Model: ...; Seed: ...; Generator: ...`."""
    for _, text in texts:
        text = text[:_LONGEST]
        if _MOCHI.search(text):
            fields = dict(_MOCHI_FIELD.findall(text))
            return Parameters(
                format="mochi",
                tool="Mochi Diffusion",
                model=fields.get("Model"),
                prompt=fields.get("Include in Image"),
                seed=fields.get("Seed"),
            )
    return None


def flux(texts: Texts) -> Parameters | None:
    """The program that Black Forest Labs publish beside their model."""
    fields = dict(texts)
    software = _FLUX_SOFTWARE.search(fields.get("EXIF:Software", "")[:200])
    if not software:
        return None
    processes = {"txt2img": Process.TEXT, "img2img": Process.IMAGE, "kontext": Process.INSTRUCTION}
    return Parameters(
        format="flux",
        tool="FLUX",
        generator="FLUX",
        process=processes.get(software[1].lower(), Process.INPAINT),
        model=fields.get("EXIF:Model"),
        prompt=fields.get("EXIF:ImageDescription"),
    )


def separate(texts: Texts) -> Parameters | None:
    """A PNG text of its own for the prompt, and for at least two of the settings."""
    fields = {_key(keyword): text[:_LONGEST] for keyword, text in reversed(texts)}
    prompt = fields.get("prompt") or fields.get("positiveprompt")
    if not prompt or prompt.lstrip().startswith("{") or len(_SETTINGS & fields.keys()) < 2:
        return None
    strength = fields.get("promptstrength", "")
    started = strength not in ("", "None") or "initimage" in fields
    easy = "usestablediffusionmodel" in fields or "stablediffusionmodel" in fields
    return Parameters(
        format="separate-texts",
        tool="Easy Diffusion" if easy else None,
        process=Process.IMAGE if started else Process.TEXT,
        model=fields.get("usestablediffusionmodel")
        or fields.get("stablediffusionmodel")
        or fields.get("modelname")
        or fields.get("model"),
        prompt=prompt,
        seed=fields.get("seed"),
        strength=float(strength) if re.fullmatch(r"[01](?:\.\d{1,6})?", strength) else None,
    )


def _key(keyword: str) -> str:
    return keyword.lower().replace("_", "").replace(" ", "").replace("-", "")


_READERS: tuple[Callable[[Texts], Parameters | None], ...] = (
    midjourney,
    grok,
    mochi,
    flux,
    separate,
)
